import { expect, test } from "bun:test";
import { TONE_PLANS } from "../../src/codecs/pcm/tone-plans.ts";
import { TONE_PLAN_NAMES } from "../../src/config/sections/media.ts";

test("[media] tones takes the countries that there are tones for, no more and no fewer", () => {
  const known: readonly string[] = Object.keys(TONE_PLANS).sort();
  expect([...TONE_PLAN_NAMES] as readonly string[]).toEqual(known);
});
