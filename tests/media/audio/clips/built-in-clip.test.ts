import { expect, test } from "bun:test";
import { decodeWav } from "../../../../src/codecs/pcm/wav.ts";
import { BUILT_IN_CLIP_PATH } from "../../../../src/media/audio/clips/built-in-clip.ts";
import { measureRms, toDecibels } from "../../../codecs/pcm/spectrum.ts";

const MAX_BYTES = 60_000;

test("the built-in clip is short, loud enough, not clipped, and begins and ends softly", async () => {
  const bytes = await Bun.file(BUILT_IN_CLIP_PATH).bytes();
  expect(bytes.length).toBeLessThan(MAX_BYTES);
  const { sampleRate, samples } = decodeWav(bytes);
  expect(sampleRate).toBe(16_000);
  expect(samples.length / sampleRate).toBeCloseTo(3.6, 1);
  expect(Math.max(...samples.map(Math.abs))).toBeLessThan(0.8);
  expect(toDecibels(measureRms(samples))).toBeGreaterThan(-22);
  for (const sample of [...samples.subarray(0, 80), ...samples.subarray(-80)]) {
    expect(Math.abs(sample)).toBeLessThan(0.01);
  }
});
