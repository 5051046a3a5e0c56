import { describe, expect, test } from "bun:test";
import { type StretchTerms, TimeStretch } from "../../../src/codecs/pcm/time-stretch.ts";
import { largestStep, makeNoise } from "./signals.ts";
import { makeSine } from "./spectrum.ts";

const RATE = 8000;
const TERMS: StretchTerms = { steadyLevel: 0.002, leastLikeness: 0.8, choice: "likest" };
const MOST = 120;

/** What is heard if a change is made after 10 ms of the sound, and how much was taken out of it. */
function change(
  sound: Float32Array,
  kind: "shorten" | "lengthen",
  most = MOST,
  terms = TERMS,
): { heard: Float32Array; takenOut: number } | undefined {
  const stretch = new TimeStretch(RATE);
  const rest = sound.slice(80);
  if (!stretch[kind](rest, rest.length, most, terms)) return undefined;
  const { output, outputLength, inputLength } = stretch;
  const heard = [...sound.slice(0, 80), ...output.slice(0, outputLength), ...rest.slice(inputLength)];
  return { heard: Float32Array.from(heard), takenOut: inputLength - outputLength };
}

describe.each(["shorten", "lengthen"] as const)("%s", (kind) => {
  const sign = kind === "shorten" ? 1 : -1;

  test.each([123, 250, 440, 1234, 3100])("a sine of %d Hz by whole periods, without a step", (hz) => {
    const sound = makeSine(hz, RATE, 1600, 0.5);
    const result = change(sound, kind);
    const periods = ((result?.takenOut ?? 0) * sign * hz) / RATE;
    expect(periods).toBeGreaterThan(0.9);
    expect(Math.abs(periods - Math.round(periods))).toBeLessThan((0.6 * hz) / RATE);
    expect(largestStep(result?.heard ?? sound)).toBeLessThanOrEqual(largestStep(sound) * 1.02);
  });

  test.each([
    ["silence", new Float32Array(1600), 480],
    ["soft noise", makeNoise(RATE, 0.001, 0.2, 1), 480],
  ])("%s by any length up to 60 ms", (_, sound, most) => {
    for (const wanted of [20, 77, 300, 480, 1000]) {
      const result = change(sound, kind, wanted);
      expect((result?.takenOut ?? 0) * sign).toBe(Math.min(wanted, most));
      expect(largestStep(result?.heard ?? sound)).toBeLessThanOrEqual(largestStep(sound) * 1.01 + 1e-9);
    }
  });

  test("a pause only as far as it goes", () => {
    const sound = makeNoise(RATE, 0.3, 0.3, 1);
    sound.fill(0, 80, 80 + 240);
    const result = change(sound, kind, 1000);
    expect((result?.takenOut ?? 0) * sign).toBe(200);
    const loud = (samples: Float32Array) => samples.filter((sample) => sample !== 0).length;
    expect(loud(result?.heard ?? sound)).toBe(loud(sound));
  });

  test("not what is nowhere alike, or too short to tell", () => {
    expect(change(makeNoise(RATE, 0.3, 0.2, 1), kind)).toBeUndefined();
    expect(change(makeSine(250, RATE, 300, 0.5), kind)).toBeUndefined();
    expect(change(makeSine(250, RATE, 1600, 0.5), kind, 10)).toBeUndefined();
  });

  test("loud noise that is the background, as little alike as it is", () => {
    const terms: StretchTerms = { ...TERMS, steadyLevel: 0.6 };
    expect((change(makeNoise(RATE, 0.3, 0.2, 1), kind, MOST, terms)?.takenOut ?? 0) * sign).toBeGreaterThan(
      19,
    );
  });
});
