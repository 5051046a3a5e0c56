import { describe, expect, test } from "bun:test";
import { splitAdts, startsAdts } from "../../../src/codecs/aac/adts.ts";
import { fromHex } from "../../protocols/fixtures.ts";

/** The second and third frame of `ffmpeg -f lavfi -i sine -ar 16000 -ac 2 -c:a aac -b:a 16k -f adts`, cut to length. */
const HEADERS = ["fff16080 0160fc", "fff16080 0140fc"] as const;
const UNITS = ["21 4a6c", "21 4a"] as const;
/** Each header names the length of a frame that is as short as its unit here. */
const BOTH = fromHex(`${HEADERS[0]} ${UNITS[0]}00 ${HEADERS[1]} ${UNITS[1]}00`);

test("frames say what the sound is, one after another", () => {
  expect(splitAdts(BOTH)).toEqual([
    { sampleRate: 16_000, channelCount: 2, accessUnit: fromHex(`${UNITS[0]}00`) },
    { sampleRate: 16_000, channelCount: 2, accessUnit: fromHex(`${UNITS[1]}00`) },
  ]);
});

test("a checksum is passed over", () => {
  expect(splitAdts(fromHex("fff04c40 0180fc 1234 0102 03"))).toEqual([
    { sampleRate: 48_000, channelCount: 1, accessUnit: fromHex("010203") },
  ]);
});

test("every truncation but that between the frames is refused", () => {
  for (let length = 1; length < BOTH.length; length++) {
    expect([length, splitAdts(BOTH.subarray(0, length))?.length]).toEqual([
      length,
      length === 11 ? 1 : undefined,
    ]);
  }
});

describe("refused", () => {
  test.each([
    ["another profile than low complexity", "fff12c40 0140fc 010203"],
    ["a reserved rate", "fff17c40 0140fc 010203"],
    ["six channels", "fff14d80 0140fc 010203"],
    ["no channels", "fff14c00 0140fc 010203"],
    ["several access units in a frame", "fff14c40 0140fd 010203"],
    ["a frame without an access unit", "fff14c40 00e0fc"],
    ["a length of nothing", "fff14c40 0000fc 010203"],
    ["what is no ADTS", "21 4a6c00 0140fc 010203"],
  ])("%s", (_, hex) => {
    expect(splitAdts(fromHex(hex))).toBeUndefined();
  });
});

test("raw access units do not start so", () => {
  for (const hex of ["", "ff", "21 00", "ff e1", "de 02"]) expect(startsAdts(fromHex(hex))).toBe(false);
});
