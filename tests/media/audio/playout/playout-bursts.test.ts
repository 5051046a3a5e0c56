import { describe, expect, test } from "bun:test";
import { largestStep, makeNoise, makeVoice } from "../../../codecs/pcm/signals.ts";
import { makeSine, measureRms } from "../../../codecs/pcm/spectrum.ts";
import { requirePrograms } from "../../../peers/programs.ts";
import { speak } from "../peers.ts";
import {
  AAC_16_MS,
  AAC_48_MS,
  at,
  between,
  hear,
  play,
  RATE,
  speakVoice,
  stall,
} from "./playout-simulation.ts";

describe("a stall and a burst", () => {
  const STALL_END_MS = 5500;

  test.each([
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((seed) => [`voice ${seed}`, makeVoice(RATE, 12, seed)] as const),
    ["a sine", makeSine(310, RATE, 12 * RATE, 0.5)],
    ["noise", makeNoise(RATE, 0.05, 12, 1)],
  ])("%s: 500 ms are caught up within 2 s, without a click", (_, source) => {
    for (const frameMs of [AAC_48_MS, AAC_16_MS]) {
      const playout = play({ source, frameMs, delayMs: stall(5000, STALL_END_MS) });
      const after = at(playout, STALL_END_MS + 2000);
      expect(at(playout, STALL_END_MS + 100).delayMs).toBeGreaterThan(300);
      expect(after.delayMs - after.targetMs).toBeLessThanOrEqual(40);
      // As deep as it is before the next frame comes.
      const depthsMs = playout.trace
        .filter(({ nowMs }) => nowMs > STALL_END_MS + 1900 && nowMs <= STALL_END_MS + 2000)
        .map(({ depthMs }) => depthMs);
      expect(Math.min(...depthsMs) - after.targetMs).toBeLessThanOrEqual(40);
      expect(after.droppedMs).toBe(0);
      expect(largestStep(playout.out)).toBeLessThanOrEqual(largestStep(source) * 1.05);
    }
  });

  test("a stall of 2 s: what is too old is dropped in one piece, the rest is caught up", () => {
    const publisher = speakVoice(14, { delayMs: stall(5000, 7000) });
    const playout = play(publisher);
    const after = at(playout, 9000);
    expect(after.delayMs - after.targetMs).toBeLessThanOrEqual(40);
    expect(playout.last.droppedMs).toBeGreaterThan(1000);
    expect(playout.last.droppedMs).toBeLessThan(1600);
    expect(largestStep(playout.out)).toBeLessThanOrEqual(largestStep(publisher.source) * 1.05);
  });

  test("stalls that come again are believed: no more is invented", () => {
    const playout = play(speakVoice(60, { delayMs: (sentMs) => Math.max(0, 300 - (sentMs % 4000)) }));
    expect(at(playout, 20_000).targetMs).toBeGreaterThanOrEqual(310);
    expect(playout.last.concealedMs).toBe(at(playout, 20_000).concealedMs);
  });

  test("a single one is forgiven, and what was believed is forgotten in a minute", () => {
    const once = play(speakVoice(20, { delayMs: stall(10_000, 10_400) }));
    expect(once.last.targetMs).toBeLessThanOrEqual(60);
    const thrice = play(
      speakVoice(90, { delayMs: (sentMs) => (sentMs < 20_000 ? Math.max(0, 300 - (sentMs % 4000)) : 0) }),
    );
    expect(at(thrice, 20_000).targetMs).toBeGreaterThanOrEqual(310);
    expect(thrice.last.targetMs).toBeLessThanOrEqual(60);
    expect(thrice.last.delayMs).toBeLessThanOrEqual(80);
  });
});

describe.each([110, 310, 440, 1000, 2300])("a sine of %d Hz", (frequency) => {
  const source = makeSine(frequency, RATE, 60 * RATE, 0.5);
  const level = measureRms(source);

  function expectSamePitch(out: Float32Array): void {
    const turns = countTurns(out) / (out.length / RATE);
    expect(Math.abs(turns / frequency - 1)).toBeLessThan(0.01);
    for (let at = 0; at + 160 <= out.length; at += 160) {
      expect(measureRms(out.subarray(at, at + 160)) / level).toBeGreaterThan(0.85);
    }
  }

  test("keeps its pitch and level while it is shortened", () => {
    const playout = play({ source, frameMs: AAC_48_MS, delayMs: stall(5000, 5500) });
    expect(at(playout, 7000).shortenedMs).toBeGreaterThan(300);
    expectSamePitch(between(playout.out, 5600, 7100));
  });

  test("keeps its pitch and level while it is lengthened", () => {
    const playout = play({ source, frameMs: AAC_48_MS, driftPpm: -5000 });
    expect(playout.last.lengthenedMs).toBeGreaterThan(200);
    expectSamePitch(between(playout.out, 1000, 59_000));
  });
});

function countTurns(sine: Float32Array): number {
  return sine.filter((sample, n) => sample >= 0 && (sine[n - 1] ?? 0) < 0).length;
}

requirePrograms("espeak-ng", "ffmpeg")(
  "a stall in real speech: each bit of each word is heard, in its order",
  async () => {
    const source = await speak(RATE);
    const { out } = play({ source, frameMs: AAC_48_MS, delayMs: stall(2000, 2500) });
    const bits: { readonly likeness: number; readonly heardMs: number }[] = [];
    for (let ms = 200; ms + 1000 < (source.length * 1000) / RATE; ms += 60) {
      if (measureRms(between(source, ms, ms + 60)) < 0.02) continue;
      const { likeness, laterMs } = hear(source, ms, ms + 60, out);
      bits.push({ likeness, heardMs: ms + laterMs });
    }
    expect(bits.length).toBeGreaterThan(60);
    // A bit that a pitch period was cut out of is not quite the same any more.
    const clear = bits.filter(({ likeness }) => likeness > 0.7);
    expect(clear.length).toBeGreaterThanOrEqual(bits.length * 0.95);
    expect(bits.reduce((sum, { likeness }) => sum + likeness, 0) / bits.length).toBeGreaterThan(0.97);
    expect(largestStep(out)).toBeLessThanOrEqual(largestStep(source) * 1.02);
  },
);

describe("an outage", () => {
  test("of 60 s: background meanwhile, then the newest sound", () => {
    const voice = makeVoice(RATE, 80, 1);
    const noise = makeNoise(RATE, 0.002, 80, 5);
    const source = voice.map((sample, n) => sample + (noise[n] ?? 0));
    const playout = play({ source, frameMs: AAC_48_MS, delayMs: stall(8000, 68_000) });
    const level = measureRms(between(playout.out, 20_000, 60_000));
    expect(level).toBeGreaterThan(0.001);
    expect(level).toBeLessThan(0.004);
    expect(Math.max(...playout.trace.map(({ depthMs }) => depthMs))).toBeLessThanOrEqual(2100);
    expect(at(playout, 70_000).delayMs).toBeLessThanOrEqual(100);
    expect(hear(source, 71_000, 73_000, playout.out).likeness).toBeGreaterThan(0.95);
    expect(largestStep(playout.out)).toBeLessThanOrEqual(largestStep(source) * 1.05);
  });

  test("of 60 s that drains slowly: no shreds of old sound", () => {
    const publisher = speakVoice(80, {
      delayMs: (sentMs) => (sentMs > 5000 && sentMs < 65_000 ? 65_000 - sentMs + (sentMs - 5000) / 20 : 0),
    });
    const playout = play(publisher);
    expect(measureRms(between(playout.out, 65_300, 68_000))).toBeLessThan(0.001);
    expect(hear(publisher.source, 74_000, 74_500, playout.out).likeness).toBeGreaterThan(0.8);
  });
});
