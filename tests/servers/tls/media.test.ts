import { afterEach, beforeEach, expect, test } from "bun:test";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { silentLogger } from "../../../src/log.ts";
import { StreamRegistry } from "../../../src/media/stream-registry.ts";
import { listenForMedia } from "../../../src/servers/streams/media-listener.ts";
import {
  ConnectionLimit,
  type MediaServer,
  SETUP_TIMEOUT_MS,
} from "../../../src/servers/streams/media-server.ts";
import { DeliveryWatch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Certificate } from "../../../src/servers/tls/certificate.ts";
import { createFolder } from "../../config/folder.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";

let clock: FakeClock;
let connections: ConnectionLimit;
let server: MediaServer;
let certificate: Certificate;
let receivedByteCount: number;
let stops: number[];

beforeEach(async () => {
  const { cert, key } = await createSelfSigned(["127.0.0.1"], Date.now());
  using folder = createFolder({ "tls.crt": cert, "tls.key": key });
  clock = new FakeClock();
  connections = new ConnectionLimit(1);
  receivedByteCount = 0;
  stops = [];
  const log = silentLogger;
  const files = { cert: join(folder.path, "tls.crt"), key: join(folder.path, "tls.key") };
  certificate = new Certificate({ ...files, clock, log });
  const options = {
    host: "127.0.0.1",
    port: 0,
    certificate,
    streams: new StreamRegistry({ clock, log, republishSeconds: 15 }),
    gate: { authorize: () => undefined },
    delivery: new DeliveryWatch({ clock, log, slowReaderMs: 500 }),
    connections,
    slowReaderMs: 500,
    clock,
    log,
  };
  server = listenForMedia("odd", options, () => ({
    receive(bytes) {
      receivedByteCount += bytes.length;
      // Longer than a turn.
      clock.skip(10);
    },
    stop: () => void stops.push(receivedByteCount),
  }));
});

afterEach(async () => {
  certificate[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

test("who connects and shakes no hands takes a place, and has ten seconds", async () => {
  const silent = connectTcp(server.port, "127.0.0.1");
  let isClosed = false;
  silent
    .on("error", () => {})
    .on("close", () => {
      isClosed = true;
    });
  await once(silent, "connect");
  await waitFor("its place", () => {
    if (connections.take()) connections.give();
    else return true;
    return false;
  });
  clock.advance(SETUP_TIMEOUT_MS);
  await waitFor("its end", () => isClosed);
  await waitFor("its place for the next one", () => connections.take());
});

test("what a peer sent before it closed is worked through in turns, and then its session ends", async () => {
  const bytes = new Uint8Array(300_000);
  const socket = connectTls({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.end(bytes);
  await waitFor("all of it", () => {
    clock.advance(0);
    return receivedByteCount === bytes.length && stops.length > 0;
  });
  expect(stops).toEqual([bytes.length]);
  await waitFor("its place for the next one", () => connections.take());
});
