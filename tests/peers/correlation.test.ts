import { describe, expect, test } from "bun:test";
import { findSound, findSpeech } from "./correlation.ts";

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

describe("a sentence in pieces", () => {
  const rate = 8000;
  const speech = babble(3 * rate, 7);

  test("is found where a playout has stretched it", () => {
    const stretched = Float32Array.from([
      ...new Float32Array(500),
      ...speech.subarray(0, rate),
      ...speech.subarray(rate - 80, 2 * rate),
      ...speech.subarray(2 * rate + 90),
      ...new Float32Array(500),
    ]);
    expect(findSound(speech, stretched).likeness).toBeLessThan(0.85);
    expect(findSpeech(speech, stretched, rate).likeness).toBeGreaterThan(0.9);
  });

  test("is found though it ends a third of a second later than one offset would have it", () => {
    const late = new Float32Array(5 * rate);
    const part = 0.3 * rate;
    // Between two words it waits, a little longer each time.
    for (let n = 0; n * part < speech.length; n++) {
      late.set(speech.subarray(n * part, (n + 1) * part), rate / 2 + n * part + n * 0.04 * rate);
    }
    expect(findSpeech(speech, late, rate).likeness).toBeGreaterThan(0.95);
  });

  test("is not found in another, nor where half of it is missing", () => {
    expect(findSpeech(speech, babble(4 * rate, 8), rate).likeness).toBeLessThan(0.6);
    const half = new Float32Array(4 * rate);
    half.set(speech.subarray(0, 1.5 * rate));
    expect(findSpeech(speech, half, rate).likeness).toBeLessThan(0.7);
    expect(findSpeech(speech, new Float32Array(4 * rate), rate).likeness).toBe(0);
  });
});

/** Syllables: a pitch that wanders, loud and soft, with noise. */
function babble(length: number, seed: number): Float32Array {
  const pitches = makeNoise(seed, 40).map((value) => 150 + 60 * value);
  let phase = 0;
  return makeNoise(seed + 1, length).map((noise, n) => {
    phase += (2 * Math.PI * (pitches[Math.floor(n / 1600) % 40] ?? 0)) / 8000;
    const loudness = 0.55 + 0.45 * Math.sin(n / 900);
    return loudness * (Math.sin(phase) + 0.6 * Math.sin(3 * phase) + 0.2 * noise);
  });
}
