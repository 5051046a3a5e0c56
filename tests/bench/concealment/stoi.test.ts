import { expect, test } from "bun:test";
import { makeNoise, makeVoice } from "../../codecs/pcm/signals.ts";
import { NAIVE, OURS } from "./listeners.ts";
import { drawLosses } from "./losses.ts";
import { measureSpectralDistance } from "./spectral-distance.ts";
import { measureStoi } from "./stoi.ts";

const VOICE = makeVoice(8000, 12, 5);

test("clean speech is whole, at any level", () => {
  expect(measureStoi(VOICE, VOICE, 8000)).toBeCloseTo(1, 6);
  const softer = VOICE.map((sample) => sample / 4);
  expect(measureStoi(VOICE, softer, 8000)).toBeCloseTo(1, 6);
  expect(measureSpectralDistance(VOICE, VOICE)).toBe(0);
});

test("the louder the noise, the less is understood and the further the spectrum", () => {
  const figures = [0.001, 0.01, 0.1, 1].map((level) => {
    const noise = makeNoise(8000, level, 12, 9);
    const heard = VOICE.map((sample, at) => sample + (noise[at] ?? 0));
    return [measureStoi(VOICE, heard, 8000), measureSpectralDistance(VOICE, heard)] as const;
  });
  const stois = figures.map(([stoi]) => stoi);
  const distances = figures.map(([, distance]) => distance);
  expect(stois).toEqual(stois.toSorted((a, b) => b - a));
  expect(distances).toEqual(distances.toSorted((a, b) => a - b));
  expect(stois.at(0)).toBeGreaterThan(0.9);
  expect(stois.at(-1)).toBeLessThan(0.4);
});

test("losses are as many and as long as the model says", () => {
  const isLost = drawLosses({ name: "", share: 0.1, burst: 3 }, 100_000, 1);
  const lostCount = isLost.filter((lost) => lost).length;
  const burstCount = isLost.filter((lost, at) => lost && isLost[at - 1] !== true).length;
  expect(lostCount / isLost.length).toBeWithin(0.09, 0.11);
  expect(lostCount / burstCount).toBeWithin(2.8, 3.2);
});

test("a gateway that loses nothing changes nothing but the code, and in bursts it beats repeating by far", () => {
  const [gateway] = OURS;
  const [repeating] = NAIVE;
  const none = drawLosses({ name: "", share: 0, burst: 1 }, 600, 1);
  const bursts = drawLosses({ name: "", share: 0.2, burst: 3 }, 600, 1);
  const judge = (heard: Float32Array | undefined) => measureStoi(VOICE, heard ?? VOICE, 8000);
  expect(judge(gateway?.hear(VOICE, none))).toBeGreaterThan(0.99);
  expect(judge(gateway?.hear(VOICE, bursts))).toBeGreaterThan(judge(repeating?.hear(VOICE, bursts)) + 0.02);
});
