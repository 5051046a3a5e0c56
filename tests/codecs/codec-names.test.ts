import { expect, test } from "bun:test";
import {
  codecOfClientName,
  codecOfFourCc,
  codecOfSoundFormat,
  SOUND_FORMATS,
} from "../../src/codecs/codec-names.ts";

test.each([
  ["AAC-LC", "AAC"],
  ["mp4a", "AAC"],
  ["G711", "G711A"],
  ["PCMA", "G711A"],
  ["G.711µ", "G711U"],
  ["pcm_s16le", "L16"],
  ["Opus", undefined],
  ["", undefined],
  ["constructor", undefined],
] as const)("a client's %s is %s", (name, codec) => expect(codecOfClientName(name)).toBe(codec));

test("what is written as SoundFormat is read as the same codec", () => {
  for (const [name, format] of Object.entries(SOUND_FORMATS))
    expect<string | undefined>(codecOfSoundFormat(format)).toBe(name);
  expect([0, 2, 14, 11].map(codecOfSoundFormat)).toEqual(["L16", "MP3", "MP3", undefined]);
});

test("four characters name a codec of Enhanced RTMP", () => {
  expect(["Opus", "mp4a", ".mp3", "ac-3"].map(codecOfFourCc)).toEqual(["OPUS", "AAC", "MP3", undefined]);
});
