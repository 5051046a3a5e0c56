import { expect, test } from "bun:test";
import { playFlv } from "../../../src/probe/flv-client.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { makeToneBody } from "../../../src/probe/test-sound.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { waitFor, within } from "../../peers/wait.ts";
import { readStreams } from "../calls/gateway-state.ts";
import { type Resources, readResources, repeat, SPARE_THREADS } from "./resources.ts";

const WARM_UP_ROUNDS = 400;
const ROUNDS = 4000;
const AT_ONCE = 8;
/** On each port. */
const SILENT_PEERS = 100;
/** The gateway gives a peer six seconds to say what it wants. */
const PATIENCE_MS = 15_000;
const BREATH_MEGABYTES = 30;

/** Each opens a connection and leaves it in its own way. */
type Way = (gateway: Gateway, key: string) => Promise<void>;

const RTMP_WAYS: readonly Way[] = [
  (gateway) => abandon(gateway.ports.rtmp, ""),
  (gateway) => abandon(gateway.ports.rtmp, "\x03half of a handshake"),
  (gateway) => abandon(gateway.ports.rtmp, "GET / HTTP/1.1\r\n\r\n"),
  (gateway) => finishFirst(gateway.ports.rtmp, "\x03"),
  async (gateway, key) => {
    const publisher = await publishRtmp(parseRtmpUrl(gateway.urls.rtmp(key)));
    publisher.sendAudio(0, makeToneBody());
    publisher.close();
  },
  async (gateway, key) => {
    const player = await playRtmp(parseRtmpUrl(gateway.urls.rtmp(key)), { onMedia: () => undefined });
    player.close();
  },
];

const FLV_WAYS: readonly Way[] = [
  (gateway) => abandon(gateway.ports.flv, ""),
  (gateway) => abandon(gateway.ports.flv, "GET /live/key.flv HT"),
  (gateway, key) => abandon(gateway.ports.flv, `GET /live/${key}.flv HTTP/1.1\r\nHost: x\r\n\r\n`),
  (gateway, key) => abandon(gateway.ports.flv, `${postHead(key)}5\r\nFLV\x01\x04`),
  (gateway, key) => finishFirst(gateway.ports.flv, `${postHead(key)}5\r\nFLV\x01\x04`),
  (gateway, key) => finishFirst(gateway.ports.flv, `GET /live/${key}.flv HTTP/1.1\r\nHost: x\r\n\r\n`),
  async (gateway, key) => {
    (await playFlv(gateway.urls.flv(key), { onTag: () => undefined })).close();
  },
  async (gateway, key) => {
    (await playFlv(gateway.urls.webSocketFlv(key), { onTag: () => undefined })).close();
  },
];

test("thousands of media connections, ended in every way, leave nothing behind", async () => {
  const media = { open: true, republish_seconds: 0 };
  await using gateway = await startGateway({ config: { media } });
  const { descriptors } = readResources(gateway.pid);
  const ways = [...RTMP_WAYS, ...FLV_WAYS];
  const run = (count: number) =>
    repeat(count, AT_ONCE, async (round, lane) => await ways[round % ways.length]?.(gateway, `key${lane}`));
  await run(WARM_UP_ROUNDS);
  const before = await settle(gateway, descriptors);
  const silent = [gateway.ports.rtmp, gateway.ports.flv].flatMap((port) =>
    Array.from({ length: SILENT_PEERS }, () => waitUntilClosed(port)),
  );
  const startedMs = performance.now();
  await run(ROUNDS);
  const tookMs = performance.now() - startedMs;
  await within("the silent peers to be closed", Promise.all(silent), PATIENCE_MS);
  const after = await settle(gateway, descriptors);
  console.log(`${ROUNDS} connections in ${Math.round(tookMs)} ms; before`, before, "after", after);
  expect(after.threads).toBeLessThanOrEqual(before.threads + SPARE_THREADS);
  expect(after.residentMegabytes - before.residentMegabytes).toBeLessThan(BREATH_MEGABYTES);
  expect(gateway.process.stderr()).not.toContain(" error ");
}, 180_000);

/** Sends, then breaks the connection off with a reset once the bytes are on their way. */
async function abandon(port: number, text: string): Promise<void> {
  const socket = await connect(port, () => undefined);
  socket.write(Buffer.from(text, "latin1"));
  socket.flush();
  socket.terminate();
}

/** Sends, closes its own half, and waits for the gateway to close the other. */
async function finishFirst(port: number, text: string): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const socket = await connect(port, closed.resolve);
  socket.write(Buffer.from(text, "latin1"));
  socket.shutdown();
  await within("the gateway to close its half", closed.promise);
}

async function waitUntilClosed(port: number): Promise<void> {
  const closed = Promise.withResolvers<void>();
  await connect(port, closed.resolve);
  await closed.promise;
}

async function connect(port: number, onClose: () => void): Promise<Bun.Socket> {
  return await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data() {}, close: onClose },
  });
}

function postHead(key: string): string {
  return `POST /live/${key}.flv HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
}

async function settle(gateway: Gateway, descriptors: number): Promise<Resources> {
  await waitFor("no streams", async () => (await readStreams(gateway)).length === 0);
  return await waitFor(`${descriptors} descriptors, as at the start`, () => {
    const resources = readResources(gateway.pid);
    return resources.descriptors <= descriptors && resources;
  });
}
