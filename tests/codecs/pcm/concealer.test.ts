import { describe, expect, test } from "bun:test";
import { Concealer } from "../../../src/codecs/pcm/concealer.ts";
import { largestStep, makeNoise, makeVoice } from "./signals.ts";
import { makeSine, measureRms } from "./spectrum.ts";

const FRAME_MS = 20;

/** Plays `frameCount` frames of `sound`, frames in `lost` are invented; the concealer hears all. */
function play(sound: Float32Array, sampleRate: number, isLost: (frame: number) => boolean): Float32Array {
  const concealer = new Concealer(sampleRate, 1);
  const length = (sampleRate * FRAME_MS) / 1000;
  const out = sound.slice();
  for (let at = 0; at + length <= out.length; at += length) {
    if (isLost(at / length)) concealer.conceal(out, at, at + length);
    else concealer.good(out, at, at + length);
  }
  return out;
}

function slice(samples: Float32Array, sampleRate: number, fromMs: number, toMs: number): Float32Array {
  return samples.subarray((fromMs * sampleRate) / 1000, (toMs * sampleRate) / 1000);
}

describe.each([8000, 16000])("at %d Hz", (sampleRate) => {
  test.each([
    ["a sine of 200 Hz", makeSine(200, sampleRate, sampleRate, 0.5)],
    ["a sine of 437 Hz", makeSine(437, sampleRate, sampleRate, 0.5)],
    ["a voice", makeVoice(sampleRate, 1, 7)],
  ])("any lost frame of %s leaves neither a hole nor a click", (_, sound) => {
    for (let lost = 3; lost < 50; lost++) {
      const out = play(sound, sampleRate, (frame) => frame === lost);
      expect(largestStep(out)).toBeLessThanOrEqual(largestStep(sound) * 1.05);
      const before = measureRms(slice(sound, sampleRate, lost * FRAME_MS - 12, lost * FRAME_MS));
      const begin = measureRms(slice(out, sampleRate, lost * FRAME_MS, lost * FRAME_MS + 12));
      const truth = measureRms(slice(sound, sampleRate, lost * FRAME_MS, lost * FRAME_MS + 12));
      expect(begin).toBeGreaterThanOrEqual(Math.min(before, truth) * 0.6 - 0.01);
      expect(begin).toBeLessThanOrEqual(before * 1.5 + 0.01);
    }
  });

  test("a lost frame of a steady sine is hardly different from the true one", () => {
    const sound = makeSine(250, sampleRate, sampleRate, 0.5);
    const out = play(sound, sampleRate, (frame) => frame === 20);
    const error = out.map((sample, at) => sample - (sound[at] ?? 0));
    expect(measureRms(slice(error, sampleRate, 400, 410))).toBeLessThan(0.5 * 0.05);
  });

  test("a long loss fades within 160 ms to noise as loud as the background", () => {
    const sound = makeNoise(sampleRate, 0.001, 2, 3);
    const voice = makeVoice(sampleRate, 1, 7);
    voice.forEach((sample, at) => {
      sound[sampleRate + at] = (sound[sampleRate + at] ?? 0) + sample;
    });
    const out = play(sound, sampleRate, (frame) => frame >= 80);
    const level = measureRms(slice(out, sampleRate, 1800, 2000));
    expect(level).toBeGreaterThan(0.001 / 2);
    expect(level).toBeLessThan(0.001 * 2);
    expect(measureRms(slice(out, sampleRate, 1760, 1800))).toBeLessThan(0.001 * 2);
    expect(largestStep(out)).toBeLessThanOrEqual(largestStep(sound) * 1.05);
  });

  test("loud music is no background", () => {
    const sound = makeSine(300, sampleRate, 2 * sampleRate, 0.5);
    const out = play(sound, sampleRate, (frame) => frame >= 50);
    expect(measureRms(slice(out, sampleRate, 1170, 2000))).toBeLessThan(0.01);
  });

  test("returning sound is cross-faded within 5 ms and then untouched", () => {
    const sound = makeSine(310, sampleRate, 2 * sampleRate, 0.5);
    const out = play(sound, sampleRate, (frame) => frame >= 20 && frame < 40);
    expect(largestStep(out)).toBeLessThanOrEqual(largestStep(sound) * 1.05);
    expect(slice(out, sampleRate, 805, 2000)).toEqual(slice(sound, sampleRate, 805, 2000));
  });
});

describe.each([8000, 16000])("a gap at %d Hz whose end is known", (sampleRate) => {
  /** Plays `before`, a gap of `gapMs` that is invented in pieces of 20 ms and leads to `after`, and `after`. */
  function bridge(before: Float32Array, gapMs: number, after: Float32Array): Float32Array {
    const concealer = new Concealer(sampleRate, 1);
    const gapLength = (sampleRate * gapMs) / 1000;
    const out = Float32Array.of(...before, ...new Float32Array(gapLength), ...after);
    concealer.good(out, 0, before.length);
    const end = before.length + gapLength;
    concealer.leadTo(after, after.length, gapLength);
    for (let at = before.length; at < end; at += sampleRate / 50) {
      concealer.conceal(out, at, Math.min(end, at + sampleRate / 50));
    }
    concealer.good(out, end, out.length);
    return out;
  }

  test.each([20, 60, 90])("of %d ms goes from one sound to the other without a click", (gapMs) => {
    const loud = makeSine(250, sampleRate, sampleRate / 2, 0.5);
    const soft = makeSine(170, sampleRate, sampleRate / 2, 0.1);
    const out = bridge(loud, gapMs, soft);
    expect(largestStep(out)).toBeLessThanOrEqual(largestStep(loud) * 1.1);
    const [first, last] = [
      slice(out, sampleRate, 500, 510),
      slice(out, sampleRate, 490 + gapMs, 500 + gapMs),
    ];
    expect(measureRms(first)).toBeGreaterThan(measureRms(last));
    expect(measureRms(first)).toBeLessThan(measureRms(loud) * 1.1);
    expect(measureRms(last)).toBeGreaterThan(measureRms(soft) * 0.5);
    expect(slice(out, sampleRate, 500 + gapMs, 1000 + gapMs)).toEqual(soft);
  });

  test("is no weaker than the sound around it, for 80 ms", () => {
    const sound = makeSine(200, sampleRate, sampleRate, 0.5);
    const gapMs = 80;
    const out = bridge(slice(sound, sampleRate, 0, 500), gapMs, slice(sound, sampleRate, 580, 1000));
    for (let atMs = 500; atMs < 580; atMs += 10) {
      const level = measureRms(slice(out, sampleRate, atMs, atMs + 10));
      expect(level / measureRms(sound)).toBeWithin(0.9, 1.1);
    }
  });

  test("goes on as ever if too little of what follows is known", () => {
    const sound = makeSine(200, sampleRate, sampleRate / 2, 0.5);
    const blind = new Concealer(sampleRate, 1);
    const told = new Concealer(sampleRate, 1);
    const [a, b] = [new Float32Array(sampleRate / 50), new Float32Array(sampleRate / 50)];
    blind.good(sound);
    told.good(sound);
    told.leadTo(sound, sampleRate / 100, a.length);
    blind.conceal(a);
    told.conceal(b);
    expect(b).toEqual(a);
  });
});

test("a seam joins two sounds without a click, in pieces of any size", () => {
  const first = makeSine(200, 8000, 804, 0.5);
  const second = makeSine(200, 8000, 4000, 0.5).map((sample) => -sample);
  const concealer = new Concealer(8000, 1);
  concealer.good(first);
  concealer.seam();
  for (let at = 0; at < second.length; at += 7) concealer.good(second, at, Math.min(at + 7, second.length));
  const out = Float32Array.of(...first, ...second);
  const plain = largestStep(first);
  expect(largestStep(out)).toBeLessThanOrEqual(plain * 1.2);
});

test("counts what it invented, and is silent where nothing was ever heard", () => {
  const concealer = new Concealer(8000, 1);
  const out = new Float32Array(160).fill(0.5);
  concealer.conceal(out);
  concealer.conceal(out, 0, 40);
  expect(concealer.concealedSampleCount).toBe(200);
  expect(largestStep(out)).toBe(0);
  expect(out[0]).toBe(0);
});

test("a damaged sample does no lasting harm", () => {
  const concealer = new Concealer(8000, 1);
  const bad = makeSine(300, 8000, 800, 0.5);
  bad[100] = Number.NaN;
  bad[200] = Number.POSITIVE_INFINITY;
  concealer.good(bad);
  concealer.good(makeSine(300, 8000, 800, 0.5));
  const out = new Float32Array(800);
  concealer.conceal(out);
  expect(out.every(Number.isFinite)).toBe(true);
  expect(Number.isFinite(concealer.backgroundLevel)).toBe(true);
});
