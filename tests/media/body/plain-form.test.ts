import { expect, test } from "bun:test";
import { TagType, tagToFrame } from "../../../src/media/body/tag-frame.ts";
import { fromHex } from "../../protocols/fixtures.ts";

const MP4A = "6d703461";
const AVC1 = "61766331";
const HVC1 = "68766331";

/** Enhanced RTMP, and what players get of it. */
test.each([
  ["an AAC header", TagType.audio, `90 ${MP4A} 1188`, "config", "af00 1188"],
  ["an AAC frame", TagType.audio, `91 ${MP4A} 2110`, "key", "af01 2110"],
  ["an AAC frame behind a ModEx", TagType.audio, `97 02 0000ff 01 ${MP4A} 2110`, "key", "af01 2110"],
  ["an AVC header", TagType.video, `90 ${AVC1} 0164`, "config", "1700 000000 0164"],
  ["a key frame with composition time", TagType.video, `91 ${AVC1} 000028 65`, "key", "1701 000028 65"],
  [
    "a recovery point",
    TagType.video,
    "27 01 000000 00000004 06060184 41",
    "key",
    "1701 000000 00000004 06060184 41",
  ],
  ["a frame without", TagType.video, `a3 ${AVC1} 41`, "delta", "2701 000000 41"],
])("%s has the plain form", (_, type, hex, role, plain) => {
  expect(tagToFrame(type, 0, fromHex(hex))).toMatchObject({ role, body: fromHex(plain) });
});

test.each([
  ["plain AAC", TagType.audio, "af01 2110"],
  ["the first of several tracks of AAC", TagType.audio, `95 01 ${MP4A} 00 21`],
  ["AAC cut short", TagType.audio, "91 6d7034"],
  ["a picture cut short", TagType.video, `91 ${AVC1} 0000`],
  ["the end of a sequence", TagType.video, `92 ${AVC1}`],
  ["HEVC", TagType.video, `91 ${HVC1} 000000 26`],
  ["plain AVC", TagType.video, "1701 000000 65"],
])("%s stays as it is", (_, type, hex) => {
  const body = fromHex(hex);
  expect(tagToFrame(type, 0, body)?.body).toBe(body);
});
