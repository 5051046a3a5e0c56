import { describe, expect, test } from "bun:test";
import { BitWriter } from "../../../src/bytes/bit-writer.ts";
import { AacDecoder } from "../../../src/codecs/aac/decoder.ts";
import { Random } from "../../fuzz/mutator.ts";
import { errorCodeOf } from "../../protocols/error-code.ts";
import type { AdtsStream } from "./adts.ts";
import { CAPTURED_NAMES, readCaptured, readCapturedSamples } from "./captured.ts";
import { decodeAll, measureSnr } from "./compare.ts";

const AS_CODED = { channels: "as-coded", decimation: 1 } as const;

function makeDecoder({ sampleRate, channelCount }: AdtsStream, options = AS_CODED): AacDecoder {
  return new AacDecoder({ objectType: 2, sampleRate, channelCount, frameLength: 1024 }, options);
}

describe("captured access units", () => {
  test.each(CAPTURED_NAMES)("%s is as another decoder has it", (name) => {
    const stream = readCaptured(name);
    const want = readCapturedSamples(name);
    const have = decodeAll(stream, AS_CODED);
    // 16 bits leave 75 dB of this loudness. FAAD2 leaves out the first unit of faac-he.
    expect(measureSnr(want, have.subarray(have.length - want.length))).toBeGreaterThan(70);
  });

  test("the output says its rate and channels", () => {
    const stream = readCaptured("ffmpeg-stereo");
    const shapes = ([1, 2, 4] as const).flatMap((decimation) =>
      (["as-coded", "mono"] as const).map((channels) => {
        const config = { objectType: 2, sampleRate: 44_100, channelCount: 2, frameLength: 1024 } as const;
        const decoder = new AacDecoder(config, { channels, decimation });
        const samples = decoder.decode(stream.units[0] ?? new Uint8Array(0));
        return [decoder.sampleRate, decoder.channelCount, samples.length];
      }),
    );
    expect(shapes).toEqual([
      [44_100, 2, 2048],
      [44_100, 1, 1024],
      [22_050, 2, 1024],
      [22_050, 1, 512],
      [11_025, 2, 512],
      [11_025, 1, 256],
    ]);
  });

  test("one channel where two were announced sounds on both", () => {
    const stream = readCaptured("ffmpeg-mono");
    const mono = decodeAll(stream, AS_CODED);
    const both = decodeAll({ ...stream, channelCount: 2 }, AS_CODED);
    expect(both.length).toBe(2 * mono.length);
    expect(both.every((sample, i) => sample === mono[i >> 1])).toBe(true);
  });

  test("two channels where one was announced are mixed", () => {
    const stream = readCaptured("faac-short");
    const pair = readCaptured("faac-he");
    const announced = decodeAll({ ...pair, channelCount: 1 }, AS_CODED);
    expect(announced).toEqual(decodeAll(pair, { channels: "mono", decimation: 1 }));
    expect(decodeAll(stream, { channels: "mono", decimation: 1 })).toEqual(decodeAll(stream, AS_CODED));
  });
});

/** The code of what the decoder throws, if it throws what it may. */
function tryDecode(decoder: AacDecoder, unit: Uint8Array): string {
  let samples = new Float32Array(0);
  const code = errorCodeOf(() => {
    samples = decoder.decode(unit).slice();
  });
  expect(code).toMatch(/^aac\.|^nothing thrown$/);
  if (samples.some((sample) => !Number.isFinite(sample))) throw new Error("not a finite sample");
  return code;
}

const SOUND = "nothing thrown";

/** Streams without noise substitution, whose frames come out the same whatever was before. */
const REPEATABLE = ["voaacenc-mono", "faac-short", "faac-he"] as const;

/** Decodes `damaged` in place of the third unit; the fourth may suffer, but the fifth must be as if nothing happened. */
function expectRecovery(stream: AdtsStream, clean: Float32Array, damaged: Uint8Array): string {
  const decoder = makeDecoder(stream);
  const { units } = stream;
  for (const unit of units.slice(0, 2)) decoder.decode(unit);
  const code = tryDecode(decoder, damaged);
  decoder.decode(units[3] ?? damaged);
  const fifth = decoder.decode(units[4] ?? damaged);
  const from = 4 * fifth.length;
  for (let i = 0; i < fifth.length; i++) {
    if (fifth[i] !== clean[from + i]) expect([i, fifth[i]]).toEqual([i, clean[from + i]]);
  }
  return code;
}

/** A single channel up to its window shape, the rest of an empty one, and all of it: values and their bits. */
const LONG_WINDOW = [
  [0, 3],
  [0, 4],
  [100, 8],
  [0, 1],
  [0, 2],
  [0, 1],
] as const;
const NO_BANDS = [
  [0, 6],
  [0, 1],
] as const;
const SILENCE = [...LONG_WINDOW, ...NO_BANDS, [0, 3]] as const;
/** Of four bands of book 1: no change of scale factors, and in each band once 1 and three times 0. */
const STEPS = [
  [0, 1],
  [0, 1],
  [0, 1],
  [0, 1],
] as const;
const TUPLES = [
  [0x14, 5],
  [0x14, 5],
  [0x14, 5],
  [0x14, 5],
] as const;
/** Element 4 with a tag, not aligned, of two bytes. */
const DATA_STREAM = [
  [4, 3],
  [0, 4],
  [0, 1],
  [2, 8],
  [0xff, 8],
  [0xff, 8],
] as const;

test("what is no sound for a telephone is passed over", () => {
  const writer = new BitWriter(64);
  const tone = [...LONG_WINDOW, [4, 6], [0, 1], [1, 4], [4, 5], ...STEPS, [0, 3], ...TUPLES] as const;
  for (const [value, bitCount] of [...tone, [7, 3]] as const) writer.write(value, bitCount);
  const plain = writer.finish().slice();
  writer.reset();
  // The same with an element of low frequencies around it, and a data stream.
  const around = [
    [3, 3],
    ...tone.slice(1),
    ...DATA_STREAM,
    ...tone,
    [3, 3],
    ...tone.slice(1),
    [7, 3],
  ] as const;
  for (const [value, bitCount] of around) writer.write(value, bitCount);
  const stream = readCaptured("ffmpeg-mono");
  const want = makeDecoder(stream).decode(plain);
  expect(want.some((sample) => sample !== 0)).toBe(true);
  expect(makeDecoder(stream).decode(writer.finish())).toEqual(want);
});

describe("a damaged access unit", () => {
  test.each(REPEATABLE)("of %s, cut off anywhere, is an error or sound, and clean sound follows", (name) => {
    const stream = readCaptured(name);
    const clean = decodeAll(stream, AS_CODED);
    const unit = stream.units[2] ?? new Uint8Array(0);
    const codes = new Set<string>();
    for (let length = 0; length < unit.length; length++) {
      codes.add(expectRecovery(stream, clean, unit.subarray(0, length)));
    }
    expect(codes).toContain("aac.frame.truncated");
  });

  test.each(REPEATABLE)("of %s, changed anywhere, is an error or sound, and clean sound follows", (name) => {
    const stream = readCaptured(name);
    const clean = decodeAll(stream, AS_CODED);
    const unit = stream.units[2] ?? new Uint8Array(0);
    const random = new Random(1);
    const codes = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const damaged = unit.slice();
      for (let n = random.below(4); n >= 0; n--) {
        const at = random.below(unit.length);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
      }
      codes.add(expectRecovery(stream, clean, damaged));
    }
    expect(codes.size).toBeGreaterThan(5);
    expect(codes).toContain(SOUND);
  });

  test.each(CAPTURED_NAMES)(
    "of %s with a part of the band, cut off anywhere, is an error or sound",
    (name) => {
      const stream = readCaptured(name);
      const { sampleRate, channelCount } = stream;
      const config = { objectType: 2, sampleRate, channelCount, frameLength: 1024 } as const;
      const decoder = new AacDecoder(config, { channels: "mono", decimation: 4 });
      let refusedCount = 0;
      for (const unit of stream.units) {
        for (let length = 0; length < unit.length; length++) {
          if (tryDecode(decoder, unit.subarray(0, length)) !== SOUND) refusedCount++;
        }
      }
      expect(refusedCount).toBeGreaterThan(300);
    },
  );

  test.each([
    ["nothing", [], "aac.frame.truncated"],
    ["an end only", [[7, 3]], "aac.no-sound"],
    ["a coupling channel", [[2, 3]], "aac.unsupported-coupling"],
    ["prediction", [...LONG_WINDOW, [10, 6], [1, 1]], "aac.unsupported-prediction"],
    ["more bands than there are", [...LONG_WINDOW, [50, 6], [0, 1]], "aac.too-many-bands"],
    ["a reserved codebook", [...LONG_WINDOW, [10, 6], [0, 1], [12, 4]], "aac.reserved-codebook"],
    ["a section too long", [...LONG_WINDOW, [10, 6], [0, 1], [0, 4], [11, 5]], "aac.section-too-long"],
    ["empty sections without end", [...LONG_WINDOW, [10, 6], [0, 1]], "aac.frame.truncated"],
    ["gain control", [...LONG_WINDOW, ...NO_BANDS, [0, 2], [1, 1]], "aac.unsupported-gain-control"],
    ["a third channel", [...SILENCE, ...SILENCE, ...SILENCE], "aac.unsupported-channels"],
  ] as const)("of %s has an error of its own", (_, fields, code) => {
    const writer = new BitWriter(64);
    for (const [value, bitCount] of fields) writer.write(value, bitCount);
    expect(tryDecode(makeDecoder(readCaptured("ffmpeg-mono")), writer.finish())).toBe(code);
  });

  test("that is far too long is refused before it is read", () => {
    const decoder = makeDecoder(readCaptured("ffmpeg-mono"));
    expect(tryDecode(decoder, new Uint8Array(100_000))).toBe("aac.frame.too-long");
  });
});

test("ten minutes of sound leave nothing behind", () => {
  const stream = readCaptured("ffmpeg-stereo");
  const decoder = makeDecoder(stream);
  const decode = (count: number): number => {
    for (let i = 0; i < count; i++)
      decoder.decode(stream.units[i % stream.units.length] ?? new Uint8Array(0));
    Bun.gc(true);
    return process.memoryUsage().heapUsed;
  };
  const before = decode(3000);
  const after = decode(28_000);
  expect(after - before).toBeLessThan(100_000);
});
