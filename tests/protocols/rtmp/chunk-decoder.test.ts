import { describe, expect, test } from "bun:test";
import { ChunkDecoder, MEDIA_LIMITS } from "../../../src/protocols/rtmp/chunk-decoder.ts";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import { encodeSetChunkSize, type Message } from "../../../src/protocols/rtmp/message.ts";
import { encodeAbort } from "./peer-messages.ts";
import { decodeParts } from "./recorded.ts";

const fromHex = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));
const SET_CHUNK_SIZE_2 = "02 000000 000004 01 00000000 00000002";

/** `chunkStreamId typeId streamId @timestampMs payload` of each message. */
function describeMessages(messages: readonly Message[]): string[] {
  return messages.map(
    ({ chunkStreamId, typeId, streamId, timestampMs, payload }) =>
      `${chunkStreamId} ${typeId} ${streamId} @${timestampMs} ${payload.toHex()}`,
  );
}

/** After section 5.3.1 and its examples in 5.3.2. */
const STREAMS: readonly (readonly [name: string, hex: string, messages: string[]])[] = [
  [
    "5.3.2.1: types 0, 2, 3, 3 make a row of audio messages",
    "03 0003e8 000002 08 39300000 a1a2 83 000014 b1b2 c3 c1c2 c3 d1d2",
    ["3 8 12345 @1000 a1a2", "3 8 12345 @1020 b1b2", "3 8 12345 @1040 c1c2", "3 8 12345 @1060 d1d2"],
  ],
  [
    "5.3.2.2: type 3 goes on with a message",
    `${SET_CHUNK_SIZE_2} 04 0003e8 000005 09 3a300000 0102 c4 0304 c4 05`,
    ["4 9 12346 @1000 0102030405"],
  ],
  [
    "5.3.1.2.2: type 1 changes length and type",
    "04 00000a 000001 08 01000000 01 44 00000a 000002 09 0203",
    ["4 8 1 @10 01", "4 9 1 @20 0203"],
  ],
  [
    "5.3.1.2.4: type 3 after type 0 adds its timestamp again",
    "04 000015 000001 08 01000000 01 c4 02",
    ["4 8 1 @21 01", "4 8 1 @42 02"],
  ],
  [
    "type 3 that goes on with a message adds nothing",
    `${SET_CHUNK_SIZE_2} 04 000064 000003 08 01000000 0102 c4 03 84 00000a 0102 c4 03 c4 0102 c4 03`,
    ["4 8 1 @100 010203", "4 8 1 @110 010203", "4 8 1 @120 010203"],
  ],
  [
    "chunk streams interleave",
    `${SET_CHUNK_SIZE_2} 04 000001 000004 09 01000000 0102 05 000002 000004 08 01000000 a1a2 c4 0304 c5 a3a4`,
    ["4 9 1 @1 01020304", "5 8 1 @2 a1a2a3a4"],
  ],
  [
    "all lengths of the basic header",
    "3f 000000 000001 08 01000000 01 0000 000000 000001 08 01000000 02 010001 000000 000001 08 01000000 03 01ffff 000000 000001 08 01000000 04 c0 00 05",
    ["63 8 1 @0 01", "64 8 1 @0 02", "320 8 1 @0 03", "65599 8 1 @0 04", "64 8 1 @0 05"],
  ],
  ["messages without payload", "04 000001 000000 08 01000000 c4 c4", ["4 8 1 @1 ", "4 8 1 @2 ", "4 8 1 @3 "]],
  [
    "an absolute extended timestamp, repeated on type 3",
    `${SET_CHUNK_SIZE_2} 04 ffffff 000003 08 01000000 01000000 0102 c4 01000000 03`,
    ["4 8 1 @16777216 010203"],
  ],
  [
    "an absolute extended timestamp, left out on type 3",
    `${SET_CHUNK_SIZE_2} 04 ffffff 000003 08 01000000 01000000 0102 c4 03`,
    ["4 8 1 @16777216 010203"],
  ],
  [
    "left out, with a payload that begins like it",
    `${SET_CHUNK_SIZE_2} 04 ffffff 000008 08 01000000 01020304 0102 c4 0102 c4 0305 c4 0607`,
    ["4 8 1 @16909060 0102010203050607"],
  ],
  [
    "left out, and shorter than what it might have been",
    `${SET_CHUNK_SIZE_2} 04 ffffff 000003 08 01000000 010203c4 0102 c4 01 c4 0102 c4 03 04 000001 000001 08 01000000 04`,
    ["4 8 1 @16909252 010201", "4 8 1 @33818504 010203", "4 8 1 @1 04"],
  ],
  [
    "an extended delta, repeated on a type 3 that starts a message",
    "04 000001 000001 08 01000000 01 84 ffffff 01000000 02 c4 01000000 03",
    ["4 8 1 @1 01", "4 8 1 @16777217 02", "4 8 1 @33554433 03"],
  ],
  [
    "no extended timestamp after a plain one",
    `${SET_CHUNK_SIZE_2} 04 ffffff 000001 08 01000000 01000000 01 84 000005 02 c4 03`,
    ["4 8 1 @16777216 01", "4 8 1 @16777221 02", "4 8 1 @16777226 03"],
  ],
  [
    "timestamps wrap at 32 bits",
    "04 ffffff 000001 08 01000000 fffffff0 01 84 000020 02",
    ["4 8 1 @4294967280 01", "4 8 1 @16 02"],
  ],
  ["librtmp opens chunk stream 2 with type 1", "42 000005 000004 03 00001000", ["2 3 0 @5 00001000"]],
  [
    "Set Chunk Size applies to the next chunk of a message under way",
    `${SET_CHUNK_SIZE_2} 04 000000 000005 09 01000000 0102 02 000000 000004 01 00000000 0000 c2 0080 c4 030405`,
    ["4 9 1 @0 0102030405"],
  ],
  [
    "Abort drops the message under way, and its chunk stream goes on",
    `${SET_CHUNK_SIZE_2} 04 000005 000004 09 01000000 0102 02 000000 000004 02 00000000 0000 c2 0004 84 000005 a1a2 c4 a3a4`,
    ["4 9 1 @10 a1a2a3a4"],
  ],
  [
    "Abort of a chunk stream that is not there, or has nothing under way",
    "02 000000 000004 02 00000000 00000009 04 000001 000001 08 01000000 01 02 000000 000004 02 00000000 00000004 c4 02",
    ["4 8 1 @1 01", "4 8 1 @2 02"],
  ],
];

describe.each(STREAMS)("%s", (_, hex, messages) => {
  const bytes = fromHex(hex);

  test("decodes", () => {
    expect(describeMessages(decodeParts([bytes]))).toEqual(messages);
  });

  test("decodes byte by byte, and at every split in three", () => {
    expect(describeMessages(decodeParts([...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(messages);
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) {
        const parts = [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)];
        expect(describeMessages(decodeParts(parts))).toEqual(messages);
      }
    }
  });

  test("every truncation gives the first messages only", () => {
    for (let length = 0; length < bytes.length; length++) {
      const have = describeMessages(decodeParts([bytes.subarray(0, length)]));
      expect(have).toEqual(messages.slice(0, have.length));
    }
    expect(decodeParts([bytes.subarray(0, -1)]).length).toBeLessThan(messages.length);
  });
});

describe("refused", () => {
  test.each([
    [
      "type 2 on a fresh chunk stream",
      "84 000000",
      "rtmp.chunk-without-header (chunkStreamId 4, chunkType 2)",
    ],
    ["type 3 on a fresh chunk stream", "c4", "rtmp.chunk-without-header (chunkStreamId 4, chunkType 3)"],
    [
      "a new header inside a message",
      `${SET_CHUNK_SIZE_2} 04 000000 000004 09 01000000 0102 04 000000 000004 09 01000000`,
      "rtmp.message-interrupted (chunkStreamId 4, have 2, need 4)",
    ],
    [
      "a message over 4 MiB",
      "04 000000 400001 09 01000000",
      "rtmp.message-too-long (have 4194305, limit 4194304)",
    ],
  ])("%s", (_, hex, message) => {
    expect(() => decodeParts([fromHex(hex)])).toThrow(message);
    expect(() => decodeParts([...fromHex(hex)].map((byte) => Uint8Array.of(byte)))).toThrow(message);
  });

  test.each([
    ["a chunk size of 0", 1, "00000000"],
    ["half a chunk size", 1, "0000"],
    ["half an Abort", 2, "0000"],
  ])("%s changes nothing, and is handed on", (_, typeId, hex) => {
    const length = `00000${hex.length / 2}`;
    const [message] = decodeParts([fromHex(`02 000000 ${length} 0${typeId} 00000000 ${hex}`)]);
    expect([message?.typeId, message?.payload]).toEqual([typeId, fromHex(hex)]);
  });

  test("too many chunk streams", () => {
    const decoder = new ChunkDecoder({ ...MEDIA_LIMITS, maxChunkStreams: 3 });
    const push = (id: number) => decoder.push(fromHex(`0${id} 000000 000000 08 01000000`), () => undefined);
    for (const id of [2, 3, 4, 4, 3]) push(id);
    expect(() => push(5)).toThrow("rtmp.too-many-chunk-streams (limit 3)");
  });

  test("too much under way at once", () => {
    const decoder = new ChunkDecoder({ ...MEDIA_LIMITS, maxMessageBytes: 1000 });
    const push = (id: number, length: string) => {
      decoder.push(fromHex(`0${id} 000000 ${length} 08 01000000`), () => undefined);
      decoder.push(new Uint8Array(128), () => undefined);
    };
    push(3, "0003e8");
    push(4, "0003e8");
    expect(() => push(5, "000001")).toThrow("rtmp.messages-under-way-too-long (have 2001, limit 2000)");
  });

  test("what was finished or dropped is under way no more", () => {
    const decoder = new ChunkDecoder({ ...MEDIA_LIMITS, maxMessageBytes: 1000 });
    let count = 0;
    for (let i = 0; i < 50; i++) {
      const whole = encodeChunks(
        { chunkStreamId: 3, typeId: 8, streamId: 1, timestampMs: 0, payload: new Uint8Array(1000) },
        128,
      );
      decoder.push(whole, () => count++);
      decoder.push(fromHex("04 000000 0003e8 08 01000000"), () => undefined);
      decoder.push(new Uint8Array(128), () => undefined);
      decoder.push(encodeChunks(encodeAbort(4), 128), () => undefined);
    }
    expect(count).toBe(50);
  });
});

describe("memory", () => {
  test("a header that announces a long message costs little until its bytes come", () => {
    Bun.gc(true);
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 50 }, () => {
      const decoder = new ChunkDecoder();
      decoder.push(fromHex("04 000000 400000 09 01000000 01"), () => undefined);
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(decoders.length * 100_000);
  });

  test("a long message comes out whole", () => {
    const payload = new Uint8Array(4 * 1024 * 1024).map((_, i) => i ^ (i >>> 8));
    const original = { chunkStreamId: 6, typeId: 9, streamId: 1, timestampMs: 40, payload };
    const [message] = decodeParts([encodeChunks(original, 128)]);
    expect(message?.payload.length).toBe(payload.length);
    expect(Buffer.compare(message?.payload ?? new Uint8Array(0), payload)).toBe(0);
  });

  test("payloads share no memory with what was pushed, nor with each other", () => {
    const bytes = Buffer.from(fromHex("04 000000 000002 08 01000000 0102 c4 0304"));
    const messages = decodeParts([bytes]);
    bytes.fill(0xff);
    expect(messages.map(({ payload }) => payload.toHex())).toEqual(["0102", "0304"]);
    expect(messages[0]?.payload.buffer).not.toBe(messages[1]?.payload.buffer);
  });
});

test("counts what was received", () => {
  const decoder = new ChunkDecoder();
  expect(decoder.receivedByteCount).toBe(0);
  decoder.push(encodeChunks(encodeSetChunkSize(4096), 128), () => undefined);
  decoder.push(new Uint8Array(0), () => undefined);
  expect(decoder.receivedByteCount).toBe(16);
});

test.each([
  ["0000007f", 127],
  ["00ffffff", 0xffffff],
  ["7fffffff", 0xffffff],
])("a chunk size of 0x%s is obeyed as %d", (hex, chunkSize) => {
  const payload = new Uint8Array(300);
  const original = { chunkStreamId: 6, typeId: 9, streamId: 1, timestampMs: 40, payload };
  const parts = [fromHex(`02 000000 000004 01 00000000 ${hex}`), encodeChunks(original, chunkSize)];
  expect(decodeParts(parts)).toEqual([original]);
});
