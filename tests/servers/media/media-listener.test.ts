import { afterEach, beforeEach, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/log.ts";
import { StreamRegistry } from "../../../src/media/stream-registry.ts";
import {
  listenForMedia,
  type MediaSession,
  type MediaSocket,
} from "../../../src/servers/media/media-listener.ts";
import { ConnectionLimit, type MediaServer } from "../../../src/servers/media/media-server.ts";
import { DeliveryWatch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";

let clock: FakeClock;
let log: string;
let server: MediaServer;
let onReceive: (socket: MediaSocket) => void;
let onDrain: () => void;
/** What the newest session began and did not stop. */
let isSetUp: boolean;
let connections: ConnectionLimit;

class OddOutbound extends Outbound {
  override drain(): void {
    onDrain();
    super.drain();
  }
}

beforeEach(() => {
  clock = new FakeClock();
  log = "";
  isSetUp = false;
  onDrain = () => undefined;
  connections = new ConnectionLimit(1);
  const logger = createLogger({ level: "info", write: (line) => (log += line), clock });
  const options = {
    host: "127.0.0.1",
    port: 0,
    streams: new StreamRegistry({ clock, log: logger, republishSeconds: 15 }),
    gate: { authorize: () => undefined },
    delivery: new DeliveryWatch({ clock, log: logger, slowReaderMs: 500 }),
    connections,
    slowReaderMs: 500,
    clock,
    log: logger,
  };
  server = listenForMedia("odd", options, (socket): MediaSession => {
    const outbound = new OddOutbound(socket, { clock, queue: { maxAgeMs: 500, maxBytes: 1000 } });
    return {
      outbound,
      get isSetUp() {
        return isSetUp;
      },
      isPublishing: false,
      receive: () => onReceive(socket),
      stop: () => {
        isSetUp = false;
      },
    };
  });
});

afterEach(() => server[Symbol.asyncDispose]());

async function connect(): Promise<{ write(text: string): void; readonly isClosed: boolean }> {
  let isClosed = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: {
      data: () => undefined,
      error: () => undefined,
      close: () => {
        isClosed = true;
      },
    },
  });
  return {
    write: (text) => void socket.write(text),
    get isClosed() {
      return isClosed;
    },
  };
}

test("what a session begins after its socket closed under it is stopped", async () => {
  let hasReceived = false;
  onReceive = (socket) => {
    socket.terminate();
    isSetUp = true;
    hasReceived = true;
  };
  const peer = await connect();
  peer.write("a");
  await waitFor("the bytes", () => hasReceived);
  expect(isSetUp).toBe(false);
  expect(clock.timerCount).toBe(0);
});

test.each([
  ["a peer's mistake", new AppError("peer", "odd.bytes"), " warn odd.failed from=127.0.0.1 reason=odd.bytes"],
  ["a bug", new TypeError("oops"), " error odd.failed from=127.0.0.1 reason=oops"],
])("%s ends its connection and is logged once", async (_, thrown, line) => {
  onReceive = () => {
    isSetUp = true;
    throw thrown;
  };
  const peer = await connect();
  peer.write("a");
  await waitFor("the end of the connection", () => peer.isClosed);
  expect(isSetUp).toBe(false);
  expect(log.split("\n").filter((entry) => entry.includes(line))).toHaveLength(1);
  await waitFor("a place for the next one", () => connections.take());
});

test("a bug while the socket drains ends its connection and is logged", async () => {
  onReceive = (socket) => {
    // More than the kernel takes, so that Bun calls `drain` once the peer has read
    socket.write(new Uint8Array(32 * 1024 * 1024));
    onDrain = () => {
      onDrain = () => undefined;
      throw new TypeError("oops");
    };
  };
  const peer = await connect();
  peer.write("a");
  await waitFor("the end of the connection", () => peer.isClosed);
  expect(log).toContain(" error odd.failed from=127.0.0.1 reason=oops");
});
