import { describe, expect, test } from "bun:test";
import { MILLIWATT, TONE_PLANS, type Tone } from "../../../src/codecs/pcm/tone-plans.ts";
import { ToneGenerator } from "../../../src/codecs/pcm/tones.ts";
import { fitSine, measureRms, toDecibels } from "./spectrum.ts";

const RATE = 8000;

function sound(tone: Tone, durationMs: number, sampleRate = RATE): Float32Array<ArrayBuffer> {
  const out = new Float32Array(Math.round((durationMs * sampleRate) / 1000));
  new ToneGenerator(tone, sampleRate).fill(out);
  return out;
}

/** Milliseconds that are silent and that sound, in turn. */
function measureCadence(samples: Float32Array): number[] {
  const lengths: number[] = [];
  let wasSilent: boolean | undefined;
  for (let at = 0; at < samples.length; at += RATE / 1000) {
    const isSilent = samples.subarray(at, at + RATE / 1000).every((sample) => sample === 0);
    if (isSilent !== wasSilent) lengths.push(0);
    lengths.push((lengths.pop() ?? 0) + 1);
    wasSilent = isSilent;
  }
  return lengths;
}

const TONES = Object.entries(TONE_PLANS).flatMap(([country, tones]) =>
  Object.entries(tones).map(([name, tone]): [string, string, Tone] => [country, name, tone]),
);

describe.each(TONES)("%s %s", (_country, _name, tone) => {
  const periodMs = tone.cadenceMs.reduce((sum, durationMs) => sum + durationMs, 0);
  const samples = sound(tone, 2 * periodMs);

  test("keeps its cadence", () => {
    expect(measureCadence(samples)).toEqual([...tone.cadenceMs, ...tone.cadenceMs]);
  });

  test("has its frequencies and no other, at -10 dBm0", () => {
    const [onMs = 0] = tone.cadenceMs;
    // Sines that are close to each other are only taken away in several rounds.
    let rest = samples.slice(0.02 * RATE, ((onMs - 20) * RATE) / 1000);
    expect(toDecibels(measureRms(rest) * Math.SQRT2) + 3.14).toBeCloseTo(-10, 0);
    for (let round = 0; round < 12; round++) {
      for (const { hz } of tone.sines) rest = fitSine(rest, hz, RATE).residue;
    }
    expect(toDecibels(measureRms(rest))).toBeLessThan(-60);
  });

  test("begins and ends softly", () => {
    const fastest = Math.max(...tone.sines.map(({ hz }) => hz));
    const peak = Math.max(...samples.map(Math.abs));
    const largestStep = Math.max(...samples.map((sample, n) => Math.abs(sample - (samples[n - 1] ?? 0))));
    expect(peak).toBeLessThan(0.5);
    expect(largestStep).toBeLessThan((peak * 2 * Math.PI * fastest) / RATE);
    expect(Math.abs(samples[0] ?? 1)).toBeLessThan(0.001);
  });
});

describe("China's plan is", () => {
  test.each([
    ["ringback", TONE_PLANS.cn.ringback, [1000, 4000]],
    ["busy", TONE_PLANS.cn.busy, [350, 350]],
    ["congestion", TONE_PLANS.cn.congestion, [700, 700]],
  ])("%s of 450 Hz", (_, tone, cadenceMs) => {
    expect(tone).toEqual({ sines: [{ hz: 450, share: 1 }], cadenceMs });
  });
});

test("any fills give the same tone as one", () => {
  const tone = TONE_PLANS.jp.ringback;
  const whole = sound(tone, 3500);
  for (const size of [1, 7, 80, 160, 161, 8000]) {
    const generator = new ToneGenerator(tone, RATE);
    const pieces = new Float32Array(whole.length);
    for (let at = 0; at < whole.length; at += size) generator.fill(pieces.subarray(at, at + size));
    expect(pieces).toEqual(whole);
  }
});

test.each([8000, 11025, 16000, 48000])(
  "10 minutes of the test tone stay at 1,004 Hz: %d Hz",
  (sampleRate) => {
    const generator = new ToneGenerator(MILLIWATT, sampleRate);
    const second = new Float32Array(sampleRate);
    for (let i = 0; i < 600; i++) generator.fill(second);
    const amplitude = 10 ** (-13.14 / 20);
    for (const [n, sample] of second.entries()) {
      // A whole number of turns each second.
      const expected = amplitude * Math.sin((2 * Math.PI * 1004 * n) / sampleRate);
      if (Math.abs(sample - expected) > 1e-6) expect(sample).toBeCloseTo(expected, 6);
    }
  },
);

test("silence between bursts is exact, and a tone is made without clipping", () => {
  const samples = sound(TONE_PLANS.us.ringback, 6000);
  expect(samples.subarray(2 * RATE).every((sample) => sample === 0)).toBe(true);
});
