import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeALaw, encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { decodeULaw, encodeULaw } from "../../../src/codecs/g711/u-law.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";

const EVERY_CODE = Uint8Array.from({ length: 256 }, (_, code) => code);
const EVERY_SAMPLE = Int16Array.from({ length: 0x10000 }, (_, index) => index - 0x8000);

const LAWS = [
  {
    name: "A-law",
    ffmpegFormat: "alaw",
    soxType: "al",
    decode: decodeALaw,
    encode: encodeALaw,
    // G.711, table 1a, column 1: number of intervals × interval size, in 13 bits; column 6: the lowest and highest code.
    scale: 8,
    intervals: [
      [32, 2],
      [16, 4],
      [16, 8],
      [16, 16],
      [16, 32],
      [16, 64],
      [16, 128],
    ],
    invert: 0x55 ^ 0x80,
  },
  {
    name: "µ-law",
    ffmpegFormat: "mulaw",
    soxType: "ul",
    decode: decodeULaw,
    encode: encodeULaw,
    // Table 2a: the first interval is half as wide; in 14 bits.
    scale: 4,
    intervals: [
      [1, 1],
      [15, 2],
      [16, 4],
      [16, 8],
      [16, 16],
      [16, 32],
      [16, 64],
      [16, 128],
      [16, 256],
    ],
    invert: 0xff,
  },
] as const;

describe.each(LAWS)("$name", ({ ffmpegFormat, soxType, decode, encode, scale, intervals, invert }) => {
  const decoded = new Float32Array(256);
  decode(EVERY_CODE, decoded);
  const encoded = new Uint8Array(0x10000);
  encode(Float32Array.from(EVERY_SAMPLE, toFloat), encoded);
  /** By interval from 0 upwards: where it begins, in 16 bits. */
  const decisions = [0];
  for (const [count, size] of intervals) {
    for (let i = 0; i < count; i++) decisions.push((decisions.at(-1) ?? 0) + size * scale);
  }

  /** Counts intervals from the most negative upwards. */
  const rank = (code: number) => {
    const interval = code ^ invert;
    return interval & 0x80 ? 255 - interval : 128 + interval;
  };

  test("encodes every sample by the recommendation's decision values", () => {
    for (let sample = 0; sample < 0x8000; sample++) {
      const interval = Math.min(
        decisions.findLastIndex((begin) => begin <= sample),
        127,
      );
      expect(encoded[0x8000 + sample]).toBe(interval ^ invert);
      expect(encoded[0x7fff - sample]).toBe(interval ^ 0x80 ^ invert);
    }
  });

  test("decodes each code to the middle of its interval", () => {
    for (let interval = 0; interval < 128; interval++) {
      const isHalf = interval === 0 && decisions[1] === scale;
      const middle = isHalf ? 0 : ((decisions[interval] ?? 0) + (decisions[interval + 1] ?? 0)) / 2;
      expect(decoded[interval ^ invert]).toBe(middle / 0x8000);
      expect(decoded[interval ^ 0x80 ^ invert]).toBe(-middle / 0x8000);
    }
  });

  test("clips what is louder than full scale", () => {
    const codes = new Uint8Array(4);
    encode(Float32Array.of(1.5, Number.POSITIVE_INFINITY, -1.5, Number.NEGATIVE_INFINITY), codes);
    const [loudest, quietest] = [127 ^ invert, 255 ^ invert];
    expect([...codes]).toEqual([loudest, loudest, quietest, quietest]);
  });

  requirePrograms("ffmpeg", "sox")("decodes every code as ffmpeg and SoX do", async () => {
    const expected = [...Int16Array.from(decoded, (sample) => sample * 0x8000)];
    const { ffmpeg, sox } = await convert(EVERY_CODE, {
      ffmpeg: [
        ["-f", ffmpegFormat, "-ar", "8000"],
        ["-f", "s16le"],
      ],
      sox: [
        ["-t", soxType],
        ["-t", "s16"],
      ],
    });
    expect([...new Int16Array(ffmpeg)]).toEqual(expected);
    expect([...new Int16Array(sox)]).toEqual(expected);
  });

  // ffmpeg decides in the middle between two outputs, also where intervals change their size; SoX rounds to 13 or 14
  // bits first. Neither is the recommendation's way, but they may only differ next to a decision value.
  requirePrograms("ffmpeg", "sox")("encodes as ffmpeg and SoX do, but next to decision values", async () => {
    const { ffmpeg, sox } = await convert(new Uint8Array(EVERY_SAMPLE.buffer), {
      ffmpeg: [
        ["-f", "s16le", "-ar", "8000"],
        ["-f", ffmpegFormat],
      ],
      sox: [
        ["-t", "s16"],
        ["-t", soxType],
      ],
    });
    for (const codes of [new Uint8Array(ffmpeg), new Uint8Array(sox)]) {
      const different = encoded.filter((code, index) => code !== codes[index]).length;
      expect(codes.length).toBe(encoded.length);
      expect(different).toBeLessThan(0x10000 / 50);
      const distances = codes.map((code, index) => Math.abs(rank(code) - rank(encoded[index] ?? 0)));
      expect(Math.max(...new Set(distances))).toBe(1);
    }
  });
});

function toFloat(sample: number): number {
  return sample / 0x8000;
}

type Formats = readonly [input: readonly string[], output: readonly string[]];

/** The bytes, mono at 8 kHz, as two programs convert them. */
async function convert(
  bytes: Uint8Array,
  { ffmpeg, sox }: { ffmpeg: Formats; sox: Formats },
): Promise<{ ffmpeg: ArrayBuffer; sox: ArrayBuffer }> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-g711-"));
  try {
    const path = join(folder, "input");
    await Bun.write(path, bytes);
    const run = (command: readonly string[]) => {
      const { stdout, success } = Bun.spawnSync([...command]);
      expect(success).toBe(true);
      return new Uint8Array(stdout).buffer;
    };
    const [ffmpegInput, ffmpegOutput] = ffmpeg;
    const [soxInput, soxOutput] = sox;
    return {
      ffmpeg: run([pathOf("ffmpeg"), "-v", "error", ...ffmpegInput, "-i", path, ...ffmpegOutput, "-"]),
      sox: run([pathOf("sox"), "-D", ...soxInput, "-r", "8000", "-c", "1", path, ...soxOutput, "-"]),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
