import { describe, expect, test } from "bun:test";
import { ComfortNoise, decodeComfortNoise } from "../../../src/codecs/pcm/comfort-noise.ts";
import { fromHex } from "../../protocols/fixtures.ts";
import { measureRms, toDecibels } from "./spectrum.ts";

function sound(level: number, sampleCount: number, seed = 7): Float32Array<ArrayBuffer> {
  const noise = new ComfortNoise(seed);
  noise.level = level;
  const out = new Float32Array(sampleCount);
  noise.fill(out);
  return out;
}

describe("comfort noise", () => {
  test.each([0.1, 0.001, 0.00001])("has the level that it is given: %d", (level) => {
    expect(toDecibels(measureRms(sound(level, 80_000).subarray(800)) / level)).toBeCloseTo(0, 0);
  });

  test("falls with the frequency, by 9.5 dB in all", () => {
    const samples = sound(0.1, 80_000).subarray(800);
    const changes = samples.map((sample, n) => sample - (samples[n - 1] ?? sample));
    const sums = samples.map((sample, n) => sample + (samples[n - 1] ?? sample));
    // A first-order process with the pole p has differences and sums in the ratio (1 - p) / (1 + p).
    expect((measureRms(changes) / measureRms(sums)) ** 2).toBeCloseTo(0.5 / 1.5, 1);
  });

  test("has no mean and stays far from full scale", () => {
    const samples = sound(0.05, 80_000);
    expect(samples.reduce((sum, sample) => sum + sample, 0) / samples.length).toBeCloseTo(0, 2);
    expect(Math.max(...samples)).toBeLessThan(0.16);
  });

  test("is the same for any fills, and for the same seed", () => {
    const whole = sound(0.1, 1000);
    const noise = new ComfortNoise(7);
    noise.level = 0.1;
    const pieces = new Float32Array(1000);
    for (let at = 0; at < 1000; at += 37) noise.fill(pieces.subarray(at, at + 37));
    expect(pieces).toEqual(whole);
    expect(sound(0.1, 1000, 8)).not.toEqual(whole);
  });

  test("is silent soon after its level became 0, not ever softer", () => {
    const noise = new ComfortNoise(1);
    const samples = new Float32Array(1600);
    noise.level = 0.01;
    noise.fill(samples);
    noise.level = 0;
    noise.fill(samples);
    noise.fill(samples);
    expect(Math.max(...samples.map(Math.abs))).toBe(0);
  });

  test("glides to a new level", () => {
    const noise = new ComfortNoise(1);
    const before = new Float32Array(8000);
    const after = new Float32Array(8000);
    noise.level = 0.01;
    noise.fill(before);
    noise.level = 0.2;
    noise.fill(after);
    expect(Math.max(...after.subarray(0, 4).map(Math.abs))).toBeLessThan(0.1);
    expect(measureRms(after.subarray(4000))).toBeCloseTo(0.2, 2);
    noise.level = 0;
    noise.fill(after);
    expect(measureRms(after.subarray(4000))).toBeLessThan(1e-9);
  });

  test("does not stand still with any seed", () => {
    for (const seed of [0, -1, 2 ** 32, 2 ** 31])
      expect(measureRms(sound(0.1, 8000, seed))).toBeGreaterThan(0.09);
  });
});

// RFC 3389, 3.1: one byte of level, then as many reflection coefficients as the sender likes.
test.each([
  ["1e", -30],
  ["28", -40],
  ["4e 7f7e80", -78],
  ["ce", -78],
  ["7f", -127],
  ["00", -30],
])("payload %s: %d dBov", (payload, dbov) => {
  expect(toDecibels(decodeComfortNoise(fromHex(payload)).level)).toBeCloseTo(dbov, 6);
});

test("an empty payload is silence", () => {
  expect(decodeComfortNoise(new Uint8Array(0))).toEqual({ level: 0 });
});
