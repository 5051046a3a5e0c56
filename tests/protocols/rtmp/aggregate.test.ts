import { expect, test } from "bun:test";
import { splitAggregate } from "../../../src/protocols/rtmp/aggregate.ts";
import type { Message } from "../../../src/protocols/rtmp/message.ts";

/** Type, size, timestamp with its high byte last, stream id, body, back pointer (section 7.1.6; FLV tags). */
const AUDIO_AT_5 = "08 000003 000005 00 000000 af01aa 0000000e";
const VIDEO_AT_25 = "09 000002 000019 00 000000 2701 0000000d";

function aggregate(timestampMs: number, hex: string): Message {
  const payload = Uint8Array.fromHex(hex.replaceAll(" ", ""));
  return { chunkStreamId: 6, typeId: 22, streamId: 1, timestampMs, payload };
}

function describeParts(message: Message): string[] {
  return splitAggregate(message).map(
    ({ chunkStreamId, typeId, streamId, timestampMs, payload }) =>
      `${chunkStreamId} ${typeId} ${streamId} @${timestampMs} ${payload.toHex()}`,
  );
}

test.each<[name: string, timestampMs: number, hex: string, parts: string[]]>([
  ["nothing", 1000, "", []],
  ["one message", 1000, AUDIO_AT_5, ["6 8 1 @1000 af01aa"]],
  ["distances are kept", 1000, AUDIO_AT_5 + VIDEO_AT_25, ["6 8 1 @1000 af01aa", "6 9 1 @1020 2701"]],
  ["timestamps that agree stay", 5, AUDIO_AT_5 + VIDEO_AT_25, ["6 8 1 @5 af01aa", "6 9 1 @25 2701"]],
  ["timestamps may go back", 1000, VIDEO_AT_25 + AUDIO_AT_5, ["6 9 1 @1000 2701", "6 8 1 @980 af01aa"]],
  ["timestamps wrap", 0xffffffff, AUDIO_AT_5 + VIDEO_AT_25, ["6 8 1 @4294967295 af01aa", "6 9 1 @19 2701"]],
  [
    "the high byte counts",
    0,
    "08 000001 ffffff 80 000000 01 0000000c 08 000001 000001 81 000000 02 0000000c",
    ["6 8 1 @0 01", "6 8 1 @2 02"],
  ],
  ["a body of nothing", 7, "12 000000 000000 00 000000 0000000b", ["6 18 1 @7 "]],
  ["the last back pointer is missing", 1, AUDIO_AT_5.slice(0, -9), ["6 8 1 @1 af01aa"]],
])("%s", (_, timestampMs, hex, parts) => {
  expect(describeParts(aggregate(timestampMs, hex))).toEqual(parts);
});

test("every truncation is refused, but for the last back pointer's", () => {
  const whole = aggregate(0, AUDIO_AT_5 + VIDEO_AT_25);
  const cut = (length: number) => ({ ...whole, payload: whole.payload.subarray(0, length) });
  const bodyEnds = [14, 31];
  for (let length = 1; length < whole.payload.length; length++) {
    const end = bodyEnds.findLastIndex((bodyEnd) => length >= bodyEnd && length <= bodyEnd + 4);
    if (end >= 0) expect(splitAggregate(cut(length))).toHaveLength(end + 1);
    else expect(() => splitAggregate(cut(length))).toThrow("rtmp.aggregate.truncated (need");
  }
});

test("an aggregate in an aggregate is refused", () => {
  const hex = `${AUDIO_AT_5} 16 000000 000000 00 000000 0000000b`;
  expect(() => splitAggregate(aggregate(0, hex))).toThrow("rtmp.aggregate-in-aggregate (at 18)");
});

test("4096 parts are the limit", () => {
  const empty = "08 000000 000000 00 000000 0000000b";
  expect(splitAggregate(aggregate(0, empty.repeat(4096)))).toHaveLength(4096);
  expect(() => splitAggregate(aggregate(0, empty.repeat(4097)))).toThrow(
    "rtmp.aggregate-too-many (limit 4096)",
  );
});
