import { afterEach, beforeEach, expect, test } from "bun:test";
import { encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { createLogger, silentLogger } from "../../../src/log.ts";
import { TagType, tagToFrame } from "../../../src/media/body/tag-frame.ts";
import type { Frame } from "../../../src/media/frame.ts";
import type { StreamGrant } from "../../../src/media/gate.ts";
import { StreamRegistry } from "../../../src/media/stream-registry.ts";
import { encodeFlvHeader, encodeTag } from "../../../src/protocols/flv/tag.ts";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import { encodeCommand } from "../../../src/protocols/rtmp/command.ts";
import { encodeUserControl, MessageType, UserControlEvent } from "../../../src/protocols/rtmp/message.ts";
import { encodeFrame, Opcode } from "../../../src/protocols/websocket/frame.ts";
import { createEntry } from "../../../src/servers/access/entry.ts";
import { startFlvServer } from "../../../src/servers/flv/server.ts";
import { startRtmpServer } from "../../../src/servers/rtmp/server.ts";
import { INTRODUCE_MEDIA_MS, type MediaServer } from "../../../src/servers/streams/media-server.ts";
import { DeliveryWatch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Places } from "../../../src/servers/tcp/places.ts";
import { openLanes } from "../../../src/servers/tcp/turns.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";

const VERSION_AND_TWO_PACKETS = 1 + 2 * 1536;

let clock: FakeClock;
let lines: string[];
let streams: StreamRegistry;
let rtmp: MediaServer;
let flv: MediaServer;

beforeEach(() => {
  clock = new FakeClock();
  lines = [];
  streams = new StreamRegistry({ clock, log: silentLogger, republishSeconds: 15 });
  const options = {
    host: "127.0.0.1",
    port: 0,
    streams,
    entry: createEntry({ allow: undefined, deny: [], trustedProxies: [] }),
    gate: { authorize: ({ key }: { key: string }) => grants(key) },
    delivery: new DeliveryWatch({ clock, log: silentLogger, slowReaderMs: 500 }),
    places: new Places({ most: 10, introduceMs: INTRODUCE_MEDIA_MS, clock }),
    lanes: openLanes(clock),
    slowReaderMs: 500,
    maxPlayers: 2,
    clock,
    log: createLogger({ level: "warn", write: (line) => void lines.push(line) }),
  };
  rtmp = startRtmpServer(options);
  flv = startFlvServer(options);
});

/** Whoever names "other" is meant to have "yes". */
function grants(key: string): StreamGrant | undefined {
  return key === "no" ? undefined : { callId: "call", key: key === "other" ? "yes" : key };
}

afterEach(async () => {
  await rtmp[Symbol.asyncDispose]();
  await flv[Symbol.asyncDispose]();
  streams.closeAll();
});

type Peer = { write(bytes: Uint8Array | string): void; close(): void; received: string; isClosed: boolean };

/** A peer that reads all and closes only when it is told to. */
async function connect({ port }: MediaServer): Promise<Peer> {
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    allowHalfOpen: true,
    socket: {
      data: (_, bytes) => {
        peer.received += bytes.toString("latin1");
      },
      // Without it Bun closes when the server shuts down
      end: () => undefined,
      close: () => {
        peer.isClosed = true;
      },
      error: () => undefined,
    },
  });
  const peer: Peer = {
    received: "",
    isClosed: false,
    write: (bytes) => void socket.write(bytes),
    close: () => socket.terminate(),
  };
  return peer;
}

function command(name: string, streamId: number, ...args: (string | number | null | object)[]): Uint8Array {
  const payload = encodeCommand({ name, transactionId: 1, args: args as never });
  return encodeChunks(
    { chunkStreamId: 3, typeId: MessageType.commandAmf0, streamId, timestampMs: 0, payload },
    128,
  );
}

function greeting(): Uint8Array {
  const handshake = new Uint8Array(VERSION_AND_TWO_PACKETS);
  handshake[0] = 3;
  return Buffer.concat([handshake, command("connect", 0, { app: "live" }), command("createStream", 0, null)]);
}

function tag(type: number, body: Uint8Array): Frame {
  const frame = tagToFrame(type, 0, body);
  if (frame === undefined) throw new Error("an empty body");
  return frame;
}

function postHead(key: string): string {
  return `POST /live/${key}.flv HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n`;
}

test("what follows a refusal in the same bytes does not happen", async () => {
  const peer = await connect(rtmp);
  const commands = [command("publish", 1, null, "no"), command("publish", 1, null, "yes")];
  peer.write(Buffer.concat([greeting(), ...commands]));
  await waitFor("the refusal", () => peer.received.includes("NetStream.Publish.BadName"));
  expect(streams.get("yes")).toBeUndefined();
  peer.close();
});

test("a connection whose stream was deleted has a deadline again", async () => {
  const peer = await connect(rtmp);
  peer.write(Buffer.concat([greeting(), command("play", 1, null, "yes")]));
  await waitFor("the player", () => streams.get("yes")?.playerCount === 1);
  clock.advance(60_000);
  expect(peer.isClosed).toBe(false);
  peer.write(command("deleteStream", 0, null, 1));
  await waitFor("the player to leave", () => streams.get("yes")?.playerCount === 0);
  clock.advance(INTRODUCE_MEDIA_MS);
  await waitFor("the end of the connection", () => peer.isClosed);
});

test("a publisher that was replaced is told so while it still sends, and cut off if it goes on", async () => {
  const first = await connect(flv);
  first.write(postHead("yes"));
  first.write(encodeFlvHeader({ audio: true, video: false }));
  await waitFor("the publisher", () => streams.get("yes")?.publisher !== undefined);
  const second = await connect(flv);
  second.write(postHead("yes"));
  first.write(encodeTag({ type: TagType.audio, timestampMs: 0, body: Uint8Array.of(0xaf, 1, 2) }));
  await waitFor("the answer", () => first.received.includes("409 Conflict"));
  expect(first.received).toEndWith("ended.\n");
  clock.advance(1_000);
  await waitFor("the end of the connection", () => first.isClosed);
  second.close();
});

test.each([
  ["is no FLV", "Content-Length: 30", "hello hello hello hello hello!", "flv.not-flv"],
  ["has a broken chunk", "Transfer-Encoding: chunked", "-1\r\n", "http.bad-chunk-size"],
])("a body that %s is answered, and publishes no more", async (_, header, body, reason) => {
  const peer = await connect(flv);
  peer.write(`POST /live/yes.flv HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n${body}`);
  await waitFor("the answer", () => peer.received.includes(reason));
  expect(peer.received).toStartWith("HTTP/1.1 400 Bad Request\r\n");
  expect(streams.get("yes")?.publisher).toBeUndefined();
  peer.close();
});

test("players that wait for tracks keep no timer once they left", async () => {
  const publication = streams.open("yes").publish({ from: "", protocol: "", onReplaced: () => undefined });
  const peer = await connect(flv);
  peer.write("GET /live/yes.flv HTTP/1.1\r\nHost: a\r\n\r\n");
  await waitFor("the player", () => streams.get("yes")?.playerCount === 1);
  publication.push(tag(TagType.script, encodeAmf0("onMetaData")));
  const before = clock.timerCount;
  publication.push(tag(TagType.audio, Uint8Array.of(0xaf, 1, 2)));
  expect(clock.timerCount).toBe(before + 1);
  peer.close();
  await waitFor("the player to leave", () => streams.get("yes")?.playerCount === 0);
  // The sweep for slow readers and the player's wait are gone.
  expect(clock.timerCount).toBe(before - 1);
});

function message(typeId: number, payload: Uint8Array, chunkStreamId = 3): Uint8Array {
  return encodeChunks({ chunkStreamId, typeId, streamId: 0, timestampMs: 0, payload }, 128);
}

const PING = encodeUserControl({ event: UserControlEvent.pingRequest, value: 0 });

test.each([
  ["a long message", () => message(MessageType.commandAmf0, new Uint8Array(4_097)), "rtmp.message-too-long"],
  [
    "a command of many values",
    () => message(MessageType.commandAmf0, encodeAmf0("connect", 1, ...Array<null>(255).fill(null))),
    "amf0.too-many-values",
  ],
  [
    "many messages",
    () => Buffer.concat(Array<Uint8Array>(65).fill(message(PING.typeId, PING.payload, 2))),
    "messages",
  ],
  [
    "many unfinished messages",
    () =>
      Buffer.concat(
        Array.from({ length: 9 }, (_, n) =>
          message(MessageType.video, new Uint8Array(900), 10 + n).subarray(0, 140),
        ),
      ),
    "rtmp.too-many-chunk-streams",
  ],
  [
    "many bytes",
    () => Buffer.concat(Array<Uint8Array>(9).fill(message(MessageType.video, new Uint8Array(4_000)))),
    "bytes",
  ],
])("before the login %s end the connection", async (_, make, reason) => {
  const peer = await connect(rtmp);
  const handshake = new Uint8Array(VERSION_AND_TWO_PACKETS);
  handshake[0] = 3;
  peer.write(Buffer.concat([handshake, make()]));
  await waitFor("the line", () =>
    lines.some((line) => line.includes(" warn rtmp.failed ") && line.includes(reason)),
  );
  clock.advance(1_000);
  await waitFor("the end of the connection", () => peer.isClosed);
});

test("after the login a peer may send pictures, pings and chunk streams as media needs them", async () => {
  const peer = await connect(rtmp);
  const pings = Array<Uint8Array>(100).fill(message(PING.typeId, PING.payload, 2));
  const pictures = Array.from({ length: 20 }, (_, n) =>
    message(MessageType.video, new Uint8Array(50_000).fill(0x17), 10 + n),
  );
  peer.write(Buffer.concat([greeting(), command("publish", 1, null, "yes"), ...pings, ...pictures]));
  await waitFor("the pictures", () => streams.get("yes")?.byteCount === 20 * 50_000);
  expect(lines.filter((line) => line.includes(" warn "))).toEqual([]);
  peer.close();
});

test("text from a player over a WebSocket is passed over", async () => {
  const peer = await connect(flv);
  peer.write(
    "GET /live/yes.flv HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await waitFor("the player", () => streams.get("yes")?.playerCount === 1);
  const mask = Uint8Array.of(1, 2, 3, 4);
  peer.write(encodeFrame(Opcode.text, new TextEncoder().encode("{}"), mask));
  peer.write(encodeFrame(Opcode.ping, Uint8Array.of(7), mask));
  await waitFor("the pong", () => peer.received.endsWith("\x8a\x01\x07"));
  expect(streams.get("yes")?.playerCount).toBe(1);
  peer.close();
});

test("whoever was refused over HTTP is told which URL is for what", async () => {
  const peer = await connect(flv);
  peer.write("GET /live/no.flv HTTP/1.1\r\nHost: a\r\n\r\n");
  await waitFor("the answer", () => peer.received.startsWith("HTTP/1.1 403 "));
  await waitFor("its text", () =>
    peer.received.endsWith(
      "Push to caller_url and play callee_url if you called; the other way round if you were called.\n",
    ),
  );
  peer.close();
});

test("who posts to another key than the gate grants publishes the granted one", async () => {
  const peer = await connect(flv);
  peer.write(postHead("other"));
  await waitFor("the publisher", () => streams.get("yes")?.publisher !== undefined);
  expect(streams.get("other")).toBeUndefined();
  peer.close();
});

test("one token is good for so many players, over all protocols and by whichever URL", async () => {
  const players = [await connect(flv), await connect(rtmp), await connect(flv)];
  const get = "GET /live/other.flv HTTP/1.1\r\nHost: a\r\n\r\n";
  players[0]?.write(get.replace("other", "yes"));
  players[1]?.write(Buffer.concat([greeting(), command("play", 1, null, "yes")]));
  await waitFor("two players", () => streams.get("yes")?.playerCount === 2);
  players[2]?.write(get);
  await waitFor("the refusal", () => players[2]?.received.startsWith("HTTP/1.1 403 "));
  expect(lines.join("")).toContain(" warn stream.too-many-players ");
  players[0]?.close();
  await waitFor("a place", () => streams.get("yes")?.playerCount === 1);
  const late = await connect(flv);
  late.write(get);
  await waitFor("the late player", () => streams.get("yes")?.playerCount === 2);
  for (const player of [...players, late]) player.close();
});
