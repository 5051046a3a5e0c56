import { describe, expect, test } from "bun:test";
import { designLowPass } from "../../../src/codecs/pcm/low-pass.ts";
import { Resampler } from "../../../src/codecs/pcm/resampler.ts";
import { fitSine, makeSine, measureRms, toDecibels } from "./spectrum.ts";

const RATES = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];
const PAIRS = RATES.flatMap((from) => RATES.filter((to) => to !== from).map((to) => [from, to] as const));

/** A full sine's way through, without the start, in which the filter fills. */
function passSine(hz: number, from: number, to: number): Float32Array {
  const output = new Resampler(from, to).process(makeSine(hz, from, Math.round(from * 0.04)));
  return output.slice(Math.round(to * 0.005));
}

describe.each(PAIRS)("%d to %d Hz", (from, to) => {
  const half = Math.min(from, to) / 2;

  test("passes 0.85 of the band within 0.5 dB, with no image of it above -60 dB", () => {
    for (const part of [0.05, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85]) {
      const { amplitude, residue } = fitSine(passSine(part * half, from, to), part * half, to);
      expect(Math.abs(toDecibels(amplitude))).toBeLessThan(0.5);
      expect(toDecibels(measureRms(residue) * Math.SQRT2)).toBeLessThan(-60);
    }
  });

  test("takes what would fold back into that band down by 60 dB", () => {
    for (let hz = 1.15 * half; hz < from / 2; hz += half * (hz < 3 * half ? 0.07 : 0.5)) {
      expect(toDecibels(measureRms(passSine(hz, from, to)) * Math.SQRT2), `${hz} Hz`).toBeLessThan(-60);
    }
  });

  test("delays by what it says, at most 12.5 samples of the lower rate", () => {
    const { delayMs } = new Resampler(from, to);
    expect(delayMs).toBeLessThan(12_500 / (2 * half));
    const hz = half / 4;
    const passed = new Resampler(from, to).process(makeSine(hz, from, Math.round(from * 0.04)));
    let largest = 0;
    for (let n = Math.round(to * 0.005); n < passed.length; n++) {
      const expected = Math.sin(2 * Math.PI * hz * (n / to - delayMs / 1000));
      largest = Math.max(largest, Math.abs((passed[n] ?? 0) - expected));
    }
    expect(largest).toBeLessThan(0.012);
  });
});

describe.each([
  [12_000, 8_000],
  [11_025, 8_000],
  [24_000, 16_000],
  [22_050, 16_000],
])("%d to %d Hz of sound without an upper band", (from, to) => {
  test.each([0.05, 0.4, 0.85, 0.93])("passes %d of the rest as it is, within 0.1 dB", (part) => {
    const hz = (part * to) / 2;
    const resampler = new Resampler(from, to, "nothing");
    const passed = resampler.process(makeSine(hz, from, from / 25)).slice(Math.round(to * 0.005));
    const { amplitude, residue } = fitSine(passed, hz, to);
    expect(Math.abs(toDecibels(amplitude))).toBeLessThan(0.1);
    expect(toDecibels(measureRms(residue) * Math.SQRT2)).toBeLessThan(-60);
  });

  test("delays by half as much and says so", () => {
    const { delayMs } = new Resampler(from, to, "nothing");
    expect(delayMs).toBeLessThan(new Resampler(from, to).delayMs / 2);
    const passed = new Resampler(from, to, "nothing").process(makeSine(to / 16, from, from / 25));
    let largest = 0;
    for (let n = Math.round(to * 0.005); n < passed.length; n++) {
      const expected = Math.sin((2 * Math.PI * to * (n / to - delayMs / 1000)) / 16);
      largest = Math.max(largest, Math.abs((passed[n] ?? 0) - expected));
    }
    expect(largest).toBeLessThan(0.002);
  });
});

test("rates too near each other keep the whole filter, whatever the upper band has", () => {
  const { tapCount, coefficients } = designLowPass(8_820, 8_000, "nothing");
  expect(tapCount).toBe(designLowPass(8_820, 8_000, "sound").tapCount);
  expect(coefficients).toEqual(designLowPass(8_820, 8_000, "sound").coefficients);
});

describe("chunks", () => {
  const noise = Float32Array.from({ length: 601 }, (_, n) => Math.sin(n * n));

  test.each([
    [12000, 8000],
    [8000, 12000],
    [44100, 8000],
    [11025, 8000],
    [8000, 48000],
    [48000, 8000],
  ])("of any size give the same stream: %d to %d Hz", (from, to) => {
    const whole = new Resampler(from, to).process(noise).slice();
    for (let size = 1; size <= 300; size++) {
      const resampler = new Resampler(from, to);
      const joined: number[] = [];
      for (let at = 0; at < noise.length; at += size) {
        joined.push(...resampler.process(noise.subarray(at, at + size)));
      }
      expect(joined, `chunks of ${size}`).toEqual([...whole]);
    }
    const resampler = new Resampler(from, to);
    const growing: number[] = [];
    for (let at = 0, size = 0; at < noise.length; at += size++) {
      growing.push(...resampler.process(noise.subarray(at, at + size)));
    }
    expect(growing).toEqual([...whole]);
  });

  test("count as many samples as the ratio says, also after a long time", () => {
    const resampler = new Resampler(44100, 8000);
    let count = 0;
    for (let chunk = 0; chunk < 44100; chunk += 1) count += resampler.process(noise.subarray(0, 100)).length;
    expect(count).toBe(800_000);
  });

  test("are forgotten by reset", () => {
    const resampler = new Resampler(44100, 16000);
    const first = resampler.process(noise).slice();
    resampler.reset();
    expect(resampler.process(noise)).toEqual(first);
  });
});

test("what it gives are views that are made once", () => {
  const resampler = new Resampler(12000, 8000);
  const views = new Set(Array.from({ length: 30 }, () => resampler.process(new Float32Array(256))));
  expect([...views].map(({ length }) => length).sort()).toEqual([170, 171]);
});

test("equal rates pass the input itself, without delay", () => {
  const resampler = new Resampler(8000, 8000);
  const input = makeSine(440, 8000, 160);
  expect(resampler.process(input)).toBe(input);
  expect(resampler.delayMs).toBe(0);
});

test("calls of the same rates share one filter", () => {
  expect(designLowPass(12000, 8000, "sound")).toBe(designLowPass(12000, 8000, "sound"));
});

test("odd rates take a near ratio, so that no peer can make a table of millions", () => {
  for (const rate of [7350, 9999, 44099, 47999, 64000, 88200, 95999]) {
    const { phaseCount, step } = designLowPass(rate, 8000, "sound");
    expect(phaseCount).toBeLessThanOrEqual(1280);
    expect(Math.abs((phaseCount / step / 8000) * rate - 1)).toBeLessThan(0.0008);
    const { amplitude } = fitSine(passSine(1000, rate, 8000), 1000, 8000);
    expect(Math.abs(toDecibels(amplitude))).toBeLessThan(0.1);
  }
});

test.each([0, 7349, 96_001, 8000.5, Number.NaN])("a rate of %d is refused", (rate) => {
  expect(() => new Resampler(rate, 8000)).toThrow("resampler.rate");
  expect(() => new Resampler(8000, rate)).toThrow("resampler.rate");
});
