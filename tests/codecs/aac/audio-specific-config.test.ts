import { describe, expect, test } from "bun:test";
import {
  decodeAudioSpecificConfig,
  encodeAudioSpecificConfig,
  rateIndexOf,
} from "../../../src/codecs/aac/audio-specific-config.ts";
import { SAMPLE_RATES } from "../../../src/codecs/aac/band-offsets.ts";
import { errorCodeOf } from "../../protocols/error-code.ts";

function fromHex(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

/** The comment that FFmpeg 5.1.9 leaves in a program config: its length, and Lavc59.37.100. */
const LAVC = "0d 4c 61 76 63 35 39 2e 33 37 2e 31 30 30";

/** As FFmpeg, GStreamer, fdk-aac and iOS write them. */
const ACCEPTED = [
  ["48 kHz mono", "11 88", 48_000, 1],
  ["48 kHz mono with a closing sync extension of FFmpeg", "11 88 56 e5 00", 48_000, 1],
  ["44.1 kHz stereo", "12 10", 44_100, 2],
  ["16 kHz mono", "14 08", 16_000, 1],
  ["8 kHz stereo", "15 90", 8000, 2],
  ["7,350 Hz", "16 08", 7350, 1],
  ["HE-AAC, implicit with sync extension", "13 10 56 e5 98", 24_000, 2],
  ["HE-AAC, explicit", "2b 11 88 00", 24_000, 2],
  ["HE-AAC v2, explicit", "eb 09 88 00", 24_000, 1],
  ["a rate of its own, 44,056 Hz", "17 80 56 0c 08", 44_056, 1],
  ["depends on a core coder", "11 8a 00 00", 48_000, 1],
  ["a program config of FFmpeg for mono", `11 80 04 c4 00 00 00 ${LAVC} 56 e5 00`, 48_000, 1],
  ["a program config of FFmpeg for stereo", `11 80 04 c4 00 00 20 ${LAVC} 56 e5 00`, 48_000, 2],
] as const;

describe("AudioSpecificConfig", () => {
  test.each(ACCEPTED)("%s", (_, hex, sampleRate, channelCount) => {
    const config = decodeAudioSpecificConfig(fromHex(hex));
    expect(config).toEqual({ objectType: 2, sampleRate, channelCount, frameLength: 1024 });
  });

  test.each([
    ["AAC Main", "09 88", "aac.unsupported-object-type"],
    ["AAC SSR", "19 88", "aac.unsupported-object-type"],
    ["AAC LTP", "21 88", "aac.unsupported-object-type"],
    ["HE-AAC over AAC Main", "2b 11 84 00", "aac.unsupported-object-type"],
    ["an escaped object type", "f8 46 20 00", "aac.unsupported-object-type"],
    ["5.1 channels", "11 b0", "aac.unsupported-channels"],
    ["a program config of nothing", "11 80 00 00 00 00 00 00", "aac.unsupported-channels"],
    ["frames of 960", "11 8c", "aac.unsupported-frame-length"],
    ["a reserved rate", "16 88", "aac.reserved-rate-index"],
    ["a rate of 0", "17 80 00 00 08", "aac.unsupported-rate"],
    ["a rate of 16 MHz", "17 ff ff ff 88", "aac.unsupported-rate"],
    ["nothing", "", "aac.config.truncated"],
  ])("refuses %s", (_, hex, code) => {
    expect(errorCodeOf(() => decodeAudioSpecificConfig(fromHex(hex)))).toBe(code);
  });

  test("refuses what is longer than any", () => {
    expect(errorCodeOf(() => decodeAudioSpecificConfig(new Uint8Array(5000)))).toBe("aac.config.too-long");
  });

  test.each(ACCEPTED)("%s, cut off, is refused or what its beginning says", (_, hex) => {
    const bytes = fromHex(hex);
    const whole = decodeAudioSpecificConfig(bytes);
    for (let length = 0; length < bytes.length; length++) {
      let config: object = whole;
      const code = errorCodeOf(() => {
        config = decodeAudioSpecificConfig(bytes.subarray(0, length));
      });
      expect(code).toMatch(/^nothing thrown$|^aac\.config\.truncated$|^aac\.reserved-rate-index$/);
      expect(config).toEqual(whole);
      if (length < 2) expect(code).not.toBe("nothing thrown");
    }
  });

  test("is written as others write it, and reads back for each rate", () => {
    expect(encodeAudioSpecificConfig({ sampleRate: 48_000, channelCount: 1 })).toEqual(fromHex("11 88"));
    expect(encodeAudioSpecificConfig({ sampleRate: 44_100, channelCount: 2 })).toEqual(fromHex("12 10"));
    for (const sampleRate of SAMPLE_RATES) {
      const bytes = encodeAudioSpecificConfig({ sampleRate, channelCount: 2 });
      expect(decodeAudioSpecificConfig(bytes)).toMatchObject({ sampleRate, channelCount: 2 });
    }
    const odd = { sampleRate: 44_056, channelCount: 1 };
    expect(errorCodeOf(() => encodeAudioSpecificConfig(odd))).toBe("aac.rate-not-in-table");
  });

  test("each rate uses the tables of its own index, another of its neighbour's", () => {
    expect(SAMPLE_RATES.slice(0, 12).map(rateIndexOf)).toEqual([...SAMPLE_RATES.keys()].slice(0, 12));
    expect([44_056, 50_000, 7000].map(rateIndexOf)).toEqual([4, 3, 11]);
  });
});
