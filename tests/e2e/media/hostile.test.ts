import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/clock.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor, within } from "../../peers/wait.ts";
import { describeMedia } from "./flv-file.ts";
import { aacFrame, aacHeader } from "./handmade.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { publishLive } from "./live-curl.ts";
import { curl, rtmpdump } from "./players.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Listener = "rtmp" | "flv";

/** Sends the pieces, then one byte of `drip` every half a second; resolves to what came back once the gateway closes. */
async function attack(listener: Listener, pieces: readonly Uint8Array[], drip?: Uint8Array): Promise<string> {
  const closed = Promise.withResolvers<void>();
  const received: Uint8Array[] = [];
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: gateway.ports[listener],
    socket: {
      data: (_, bytes) => void received.push(new Uint8Array(bytes)),
      close: () => closed.resolve(),
      error: () => closed.resolve(),
    },
  });
  for (const piece of pieces) socket.write(piece);
  let dripCount = 0;
  const dripping = drip && systemClock.every(500, () => socket.write(drip.subarray(dripCount, ++dripCount)));
  await within(`the ${listener} port to close the connection`, closed.promise, 20_000);
  dripping?.cancel();
  return Buffer.concat(received).toString("latin1");
}

const text = (characters: string) => new TextEncoder().encode(characters);
const junk = (byteCount: number) => Uint8Array.from({ length: byteCount }, (_, at) => (at * 167 + 13) & 0xff);
/** C0, C1 and C2 of the simple handshake, which nobody checks; then what is no chunk. */
const shakenHands = [Uint8Array.of(3), new Uint8Array(1536), new Uint8Array(1536)];
const upgrade = (key: string) =>
  text(
    `GET /live/${key}.flv?action=publish HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );

const GARBAGE: ReadonlyArray<{
  name: string;
  listener: Listener;
  pieces: () => Uint8Array[];
  logged: RegExp;
}> = [
  {
    name: "another protocol on the RTMP port",
    listener: "rtmp",
    pieces: () => [text("GET / HTTP/1.1\r\n\r\n"), junk(4000)],
    logged: /warn rtmp\.failed .*rtmp\./,
  },
  {
    name: "RTMP without chunks",
    listener: "rtmp",
    pieces: () => [...shakenHands, new Uint8Array(4000).fill(0xff)],
    logged: /warn rtmp\.failed .*rtmp\./,
  },
  {
    name: "what is no HTTP on the FLV port",
    listener: "flv",
    pieces: () => [text("\x16\x03\x01\r\n\r\n"), junk(4000)],
    logged: /warn flv\.bad-request .*http\.bad-request-line/,
  },
  {
    name: "an endless request head",
    listener: "flv",
    pieces: () => [text("GET /live/a.flv HTTP/1.1\r\n"), text(`X: ${"y".repeat(20_000)}`)],
    logged: /warn flv\.bad-request .*http\.head-too-long/,
  },
  {
    name: "a POST that is no FLV",
    listener: "flv",
    pieces: () => [
      text(`POST /live/${newKey()}.flv HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n`),
      junk(4000),
    ],
    logged: /warn flv\.bad-request .*flv\.not-flv/,
  },
  {
    name: "a chunked POST without chunks",
    listener: "flv",
    pieces: () => [
      text(`POST /live/${newKey()}.flv HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`),
      text("nonsense\r\n"),
    ],
    logged: /warn flv\.bad-request .*http\./,
  },
  {
    name: "a WebSocket with unmasked frames",
    listener: "flv",
    pieces: () => [upgrade(newKey()), Uint8Array.of(0x82, 3, 1, 2, 3)],
    logged: /warn flv\.failed .*websocket\./,
  },
];

describe("is cut off, logged, and disturbs no other stream:", () => {
  for (const { name, listener, pieces, logged } of GARBAGE) {
    requirePrograms("curl", "rtmpdump")(name, async () => {
      const key = newKey();
      await using publisher = publishLive(gateway, key);
      await publisher.send(aacHeader(), aacFrame(0));
      await using http = curl.record(gateway, key);
      await using rtmp = rtmpdump.record(gateway, key);
      await waitForPlayers(gateway, key, 2);
      const before = gateway.log().length;
      await attack(listener, pieces());
      await waitFor("the log line", () => logged.test(gateway.log().slice(before)));
      await publisher.send(aacFrame(23), aacFrame(46));
      expect(await publisher.finish()).toBe("200");
      const expected = describeMedia({ tags: [aacHeader(), aacFrame(23), aacFrame(46)] });
      expect(describeMedia(await http.finish())).toEqual(expected);
      expect(describeMedia(await rtmp.finish())).toEqual(expected);
    });
  }
});

test("whoever has not shown a token after six seconds is cut off, though it sends a byte now and then", async () => {
  const startedMs = performance.now();
  const handshake = Buffer.concat(shakenHands);
  await Promise.all([
    attack("rtmp", []),
    attack("rtmp", [], handshake),
    attack("rtmp", shakenHands),
    attack("flv", []),
    attack("flv", [], text("GET /live/slow.flv HTTP/1.1\r\n")),
  ]);
  const tookMs = performance.now() - startedMs;
  expect(tookMs).toBeGreaterThan(5_000);
  expect(tookMs).toBeLessThan(9_000);
});
