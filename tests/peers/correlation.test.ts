import { expect, test } from "bun:test";
import { findSound } from "./correlation.ts";

/** Noise that is the same in every run: a linear congruential generator. */
function makeNoise(seed: number, sampleCount: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: sampleCount }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

test("finds a quieter copy at its place", () => {
  const sound = makeNoise(1, 1000);
  const recording = makeNoise(2, 3000).map((value) => value * 0.01);
  recording.set(
    sound.map((value) => value * 0.2),
    1234,
  );
  const { likeness, lagSampleCount } = findSound(sound, recording);
  expect(lagSampleCount).toBe(1234);
  expect(likeness).toBeCloseTo(1, 6);
});

test("gives what the definition gives", () => {
  const sound = makeNoise(3, 50);
  const recording = makeNoise(4, 170);
  let best = -1;
  for (let lag = 0; lag <= 120; lag++) {
    const window = recording.subarray(lag, lag + 50);
    const product = sound.reduce((sum, value, n) => sum + value * (window[n] ?? 0), 0);
    best = Math.max(best, product / (Math.hypot(...sound) * Math.hypot(...window)));
  }
  expect(findSound(sound, recording).likeness).toBeCloseTo(best, 6);
});

test("another sound, the sound cut short and the sound with a hole are told from the whole", () => {
  const sound = makeNoise(5, 4000);
  expect(findSound(sound, makeNoise(6, 8000)).likeness).toBeLessThan(0.3);
  expect(findSound(sound, sound.subarray(1)).likeness).toBe(0);
  const holed = new Float32Array([...sound.subarray(0, 2000), ...sound.subarray(2050), ...makeNoise(7, 50)]);
  expect(findSound(sound, holed).likeness).toBeLessThan(0.95);
});
