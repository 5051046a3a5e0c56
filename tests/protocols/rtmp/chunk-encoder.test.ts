import { expect, test } from "bun:test";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import type { Message } from "../../../src/protocols/rtmp/message.ts";
import { decodeParts } from "./recorded.ts";

const fromHex = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

function message(fields: Partial<Message>): Message {
  return {
    chunkStreamId: 4,
    typeId: 8,
    streamId: 1,
    timestampMs: 1000,
    payload: new Uint8Array(0),
    ...fields,
  };
}

/** Byte for byte after section 5.3.1; the recordings of real peers are in recorded.test.ts. */
test.each<[name: string, fields: Partial<Message>, chunkSize: number, hex: string]>([
  ["one chunk", { payload: fromHex("010203") }, 128, "04 0003e8 000003 08 01000000 010203"],
  [
    "a payload of just the chunk size",
    { payload: fromHex("010203") },
    3,
    "04 0003e8 000003 08 01000000 010203",
  ],
  ["two chunks", { payload: fromHex("01020304") }, 3, "04 0003e8 000004 08 01000000 010203 c4 04"],
  ["no payload", {}, 128, "04 0003e8 000000 08 01000000"],
  ["chunk stream 63", { chunkStreamId: 63 }, 128, "3f 0003e8 000000 08 01000000"],
  [
    "chunk stream 64",
    { chunkStreamId: 64, payload: fromHex("0102") },
    1,
    "0000 0003e8 000002 08 01000000 01 c000 02",
  ],
  ["chunk stream 319", { chunkStreamId: 319 }, 128, "00ff 0003e8 000000 08 01000000"],
  [
    "chunk stream 320",
    { chunkStreamId: 320, payload: fromHex("0102") },
    1,
    "010001 0003e8 000002 08 01000000 01 c10001 02",
  ],
  ["chunk stream 65599", { chunkStreamId: 65_599 }, 128, "01ffff 0003e8 000000 08 01000000"],
  ["a little-endian stream id", { streamId: 0x01020304 }, 128, "04 0003e8 000000 08 04030201"],
  ["the last plain timestamp", { timestampMs: 0xfffffe }, 128, "04 fffffe 000000 08 01000000"],
  ["the first extended timestamp", { timestampMs: 0xffffff }, 128, "04 ffffff 000000 08 01000000 00ffffff"],
  [
    "an extended timestamp on each chunk",
    { timestampMs: 0xfffefdfc, payload: fromHex("0102") },
    1,
    "04 ffffff 000002 08 01000000 fffefdfc 01 c4 fffefdfc 02",
  ],
  ["a timestamp beyond 32 bits wraps", { timestampMs: 2 ** 32 + 5 }, 128, "04 000005 000000 08 01000000"],
])("%s", (_, fields, chunkSize, hex) => {
  const bytes = encodeChunks(message(fields), chunkSize);
  expect(bytes.toHex()).toBe(hex.replaceAll(" ", ""));
});

test("what is encoded decodes, for lengths around multiples of the chunk size", () => {
  for (const chunkStreamId of [2, 63, 64, 319, 320, 65_599]) {
    for (const timestampMs of [0, 0xfffffe, 0xffffff, 0xffffffff]) {
      for (const length of [0, 1, 127, 128, 129, 255, 256, 257, 1000]) {
        const payload = new Uint8Array(length).map((_, i) => i * 3);
        const original = message({ chunkStreamId, timestampMs, payload });
        expect(decodeParts([encodeChunks(original, 128)])).toEqual([original]);
      }
    }
  }
});

test("a payload that no header can announce is our own mistake", () => {
  const payload = new Uint8Array(2 ** 24);
  expect(() => encodeChunks(message({ payload }), 4096)).toThrow(
    "rtmp.message-too-long (have 16777216, limit 16777215)",
  );
});
