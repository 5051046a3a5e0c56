import { expect, test } from "bun:test";
import { PitchFinder } from "../../../src/codecs/pcm/pitch.ts";
import { makeNoise } from "./signals.ts";
import { makeSine } from "./spectrum.ts";

/** Pulses through a resonance: a vowel whose only period is that of the pulses. */
function makePulses(sampleRate: number, hz: number): Float32Array {
  const out = new Float32Array(sampleRate / 10);
  let [last, before] = [0, 0];
  for (let n = 0; n < out.length; n++) {
    const pulse = Math.floor((n * hz) / sampleRate) > Math.floor(((n - 1) * hz) / sampleRate) ? 1 : 0;
    const next = pulse + 1.7 * last - 0.8 * before;
    before = last;
    last = next;
    out[n] = next * 0.1;
  }
  return out;
}

test.each([8000, 16_000].flatMap((rate) => [85, 110, 147, 200, 260, 390].map((hz) => [rate, hz] as const)))(
  "at %d Hz finds the period of %d Hz, or some of it, forward and backward",
  (sampleRate, hz) => {
    const sound = makePulses(sampleRate, hz);
    const pitch = new PitchFinder(sampleRate);
    const searches = [
      () => pitch.searchForward(sound, pitch.longestLag, "likest"),
      () => pitch.searchForward(sound, pitch.longestLag, "longest"),
      () => pitch.searchBackward(sound, sound.length),
    ];
    for (const search of searches) {
      search();
      const periods = (pitch.lag * hz) / sampleRate;
      expect(Math.abs(periods - Math.round(periods)) / hz).toBeLessThan(1.1 / sampleRate);
      expect(pitch.likeness).toBeGreaterThan(0.8);
    }
  },
);

test("prefers several periods where length is wanted, within the most that is allowed", () => {
  const sound = makeSine(250, 8000, 800, 0.5);
  const pitch = new PitchFinder(8000);
  pitch.searchForward(sound, pitch.longestLag, "longest");
  expect(pitch.lag).toBe(160);
  pitch.searchForward(sound, 100, "longest");
  expect(pitch.lag).toBe(96);
});

test("noise is unlike itself, silence is nothing", () => {
  const pitch = new PitchFinder(8000);
  const noise = makeNoise(8000, 0.1, 0.1, 1);
  pitch.searchBackward(noise, noise.length);
  expect(pitch.likeness).toBeLessThan(0.6);
  pitch.searchForward(new Float32Array(800), pitch.longestLag, "likest");
  expect(pitch.likeness).toBe(0);
});
