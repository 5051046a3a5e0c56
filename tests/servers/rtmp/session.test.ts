import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type AmfValue, encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { createLogger } from "../../../src/log.ts";
import type { StreamGrant } from "../../../src/media/gate.ts";
import { StreamRegistry } from "../../../src/media/stream-registry.ts";
import { ChunkDecoder } from "../../../src/protocols/rtmp/chunk-decoder.ts";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import { type Command, decodeCommand, encodeCommand } from "../../../src/protocols/rtmp/command.ts";
import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import { createEntry } from "../../../src/servers/access/entry.ts";
import { RtmpSession } from "../../../src/servers/rtmp/session.ts";
import { Attachment } from "../../../src/servers/streams/attachment.ts";
import { INTRODUCE_MEDIA_MS } from "../../../src/servers/streams/media-server.ts";
import { DeliveryWatch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Places } from "../../../src/servers/tcp/places.ts";
import { openLanes } from "../../../src/servers/tcp/turns.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { fromHex } from "../../protocols/fixtures.ts";
import { FakeSocket } from "../tcp/fake-socket.ts";

const HANDSHAKE_BYTES = 1 + 2 * 1536;

let lines: string[];
let streams: StreamRegistry;
let attachment: Attachment;
let session: RtmpSession;
let socket: FakeSocket;

beforeEach(() => {
  const clock = new FakeClock();
  lines = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line), clock });
  streams = new StreamRegistry({ clock, log, republishSeconds: 15 });
  socket = new FakeSocket();
  const peer = { remoteAddress: "192.0.2.1", remotePort: 1, localAddress: "192.0.2.2" };
  const settings = { setNoDelay() {}, setKeepAlive() {}, timeout() {} };
  const options = {
    ...{ host: "", port: 0, streams, clock, log, slowReaderMs: 500 },
    gate: { authorize: ({ key }: { key: string }) => grants(key) },
    delivery: new DeliveryWatch({ clock, log, slowReaderMs: 500 }),
    entry: createEntry({ allow: undefined, deny: [], trustedProxies: [] }),
    places: new Places({ most: 10, introduceMs: INTRODUCE_MEDIA_MS, clock }),
    lanes: openLanes(clock),
    maxPlayers: 2,
  };
  attachment = new Attachment("rtmp", Object.assign(socket, peer, settings), options, peer.remoteAddress);
  session = new RtmpSession(attachment);
  const greeting = new Uint8Array(HANDSHAKE_BYTES);
  greeting[0] = 3;
  session.receive(greeting);
  send("connect", 0, { app: "live" });
});

afterEach(() => streams.closeAll());

/** Whoever names "other" is meant to have "mine". */
function grants(key: string): StreamGrant | undefined {
  return key === "no" ? undefined : { callId: undefined, key: key === "other" ? "mine" : key };
}

function sendMessage(typeId: number, payload: Uint8Array, streamId = 0): void {
  session.receive(encodeChunks({ chunkStreamId: 3, typeId, streamId, timestampMs: 0, payload }, 128));
}

function send(name: string, streamId: number, ...args: AmfValue[]): void {
  sendMessage(MessageType.commandAmf0, encodeCommand({ name, transactionId: 1, args }), streamId);
}

/** On message streams 1, 2 and so on. */
function publish(streamId: number, name: string): void {
  send("createStream", 0, null);
  send("publish", streamId, null, name);
}

function publisherOf(key: string): string | undefined {
  return streams.get(key)?.publisher?.from;
}

function answers(): Command[] {
  const commands: Command[] = [];
  new ChunkDecoder().push(Uint8Array.from(socket.taken).subarray(HANDSHAKE_BYTES), (message) => {
    if (message.typeId === MessageType.commandAmf0) commands.push(decodeCommand(message));
  });
  return commands;
}

function codes(): unknown[] {
  return answers().map(({ args }) => (args[1] as { code?: string } | undefined)?.code ?? args[1]);
}

describe("a stream that is published goes on", () => {
  test.each<{ name: string; run: () => void }>([
    { name: "another message stream is deleted", run: () => send("deleteStream", 0, null, 2) },
    { name: "none is named to delete", run: () => send("deleteStream", 0, null) },
    { name: "another one is closed", run: () => send("closeStream", 2, null) },
    { name: "another name is unpublished", run: () => send("FCUnpublish", 0, null, "another") },
  ])("when $name", ({ run }) => {
    publish(1, "key");
    run();
    expect(publisherOf("key")).toBe("192.0.2.1");
  });

  test.each<{ name: string; typeId: number; payload: Uint8Array }>([
    ...[
      { name: "FCPublish without a name", hex: "02 0009 46435075626c697368 00 4022000000000000 05 05" },
      { name: "a command without a transaction", hex: "02 0001 61 05" },
      { name: "an empty command", hex: "" },
      { name: "an AMF marker that nobody knows", hex: "02 0001 61 00 0000000000000000 05 7f" },
      { name: "a value in AMF3", hex: "02 0001 61 00 0000000000000000 05 11 0603" },
      { name: "an object without its end", hex: "02 0001 61 00 0000000000000000 03 0001 61 0101" },
    ].map(({ name, hex }) => ({ name, typeId: MessageType.commandAmf0, payload: fromHex(hex) })),
    {
      name: "onMetaData as a command",
      typeId: MessageType.commandAmf0,
      payload: encodeAmf0("onMetaData", {}),
    },
    ...["", "0003 00000001", "0020", "0006"].map((hex) => ({
      ...{ name: `user control ${hex}`, typeId: MessageType.userControl, payload: fromHex(hex) },
    })),
    { name: "a chunk size of 0", typeId: MessageType.setChunkSize, payload: fromHex("00000000") },
    { name: "a short chunk size", typeId: MessageType.setChunkSize, payload: fromHex("0000") },
    {
      name: "a chunk size with its first bit set",
      typeId: MessageType.setChunkSize,
      payload: fromHex("80000080"),
    },
    { name: "a short abort", typeId: MessageType.abort, payload: fromHex("00") },
    { name: "a short window", typeId: MessageType.windowAckSize, payload: fromHex("00") },
    { name: "a cut aggregate", typeId: MessageType.aggregate, payload: fromHex("08 000010") },
  ])("after $name", ({ typeId, payload }) => {
    publish(1, "key");
    sendMessage(typeId, payload);
    sendMessage(typeId, payload);
    sendMessage(MessageType.audio, fromHex("72 d5d5"), 1);
    expect(streams.get("key")?.audioCodec).toBe("G711A");
    expect(lines.filter((line) => line.includes("rtmp.message-ignored")).length).toBeLessThanOrEqual(1);
  });

  test("after publish without a name, which stands in the log", () => {
    publish(1, "key");
    for (let n = 0; n < 3; n++) send("publish", 1, null, false);
    expect(publisherOf("key")).toBe("192.0.2.1");
    expect(lines.filter((line) => line.includes("rtmp.message-ignored"))).toHaveLength(1);
  });
});

describe("a stream that is published ends", () => {
  test.each<{ name: string; run: () => void }>([
    { name: "deleteStream", run: () => send("deleteStream", 0, null, 1) },
    { name: "closeStream", run: () => send("closeStream", 1, null) },
    { name: "FCUnpublish", run: () => send("FCUnpublish", 0, null, "key?token=t") },
  ])("by $name of its own", ({ run }) => {
    publish(1, "key?token=t");
    run();
    expect(publisherOf("key")).toBeUndefined();
    send("publish", 1, null, "key");
    expect(publisherOf("key")).toBe(attachment.publication === undefined ? undefined : "192.0.2.1");
  });
});

test("who names another key than the gate grants has the granted one, and unpublishes by the name that it knows", () => {
  publish(1, "other");
  send("createStream", 0, null);
  send("play", 2, null, "other");
  expect([publisherOf("mine"), streams.get("mine")?.playerCount]).toEqual(["192.0.2.1", 1]);
  expect(streams.get("other")).toBeUndefined();
  expect(lines.filter((line) => line.includes("stream=other"))).toEqual([]);
  send("FCUnpublish", 0, null, "mine");
  expect(publisherOf("mine")).toBe("192.0.2.1");
  send("FCUnpublish", 0, null, "other");
  expect(publisherOf("mine")).toBeUndefined();
});

describe("message streams", () => {
  test("may be created and deleted for ever", () => {
    for (let n = 0; n < 20; n++) {
      send("createStream", 0, null);
      send("deleteStream", 0, null, 1);
    }
    expect(codes().slice(1)).toEqual(Array(20).fill(1));
  });

  test("are refused beyond eight, and the connection lives", () => {
    publish(1, "key");
    for (let n = 0; n < 8; n++) send("createStream", 0, null);
    expect(codes().at(-1)).toBe("NetConnection.Call.Failed");
    expect([publisherOf("key"), attachment.outbound.isOpen]).toEqual(["192.0.2.1", true]);
  });
});

describe("one connection", () => {
  test("publishes one stream and plays another; the end of one leaves the other", () => {
    publish(1, "mine");
    send("createStream", 0, null);
    send("play", 2, null, "theirs");
    expect([publisherOf("mine"), streams.get("theirs")?.playerCount]).toEqual(["192.0.2.1", 1]);
    streams.get("theirs")?.close();
    expect([publisherOf("mine"), attachment.outbound.isOpen]).toEqual(["192.0.2.1", true]);
    streams.get("mine")?.close();
    expect(attachment.outbound.isOpen).toBe(false);
  });

  test("that asks for a second stream to publish is told no, and goes on with the first", () => {
    publish(1, "one");
    publish(2, "two");
    publish(1, "three");
    expect(codes().slice(-1)).toEqual(["NetStream.Publish.BadName"]);
    expect([publisherOf("one"), streams.get("two"), streams.get("three")]).toEqual([
      ...["192.0.2.1", undefined, undefined],
    ]);
  });

  test("that was refused ends, and beside a stream that lives after three times", () => {
    publish(1, "mine");
    send("createStream", 0, null);
    for (let n = 0; n < 3; n++) {
      expect(attachment.outbound.isOpen).toBe(true);
      send("play", 2, null, "no");
    }
    expect(attachment.outbound.isOpen).toBe(false);
  });

  test("that was refused is told which URL is for what", () => {
    publish(1, "no");
    expect(answers().at(-1)?.args[1]).toMatchObject({
      code: "NetStream.Publish.BadName",
      description: expect.stringContaining("Push to caller_url and play callee_url if you called"),
    });
  });

  test("is told of a name that no stream can have", () => {
    publish(1, "流");
    expect(answers().at(-1)?.args[1]).toMatchObject({
      code: "NetStream.Publish.BadName",
      description: expect.stringContaining("1 to 128 letters"),
    });
  });
});
