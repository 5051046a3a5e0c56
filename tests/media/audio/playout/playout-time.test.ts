import { describe, expect, test } from "bun:test";
import { largestStep, makeNoise, makeVoice, repeat, seedRandom } from "../../../codecs/pcm/signals.ts";
import { makeSine } from "../../../codecs/pcm/spectrum.ts";
import {
  AAC_48_MS,
  at,
  between,
  hear,
  play,
  RATE,
  simulate,
  speakVoice,
  spread,
  stall,
} from "./playout-simulation.ts";

describe("drift", () => {
  test.each([
    ["faster, a voice", 5000, repeat(makeVoice(RATE, 62, 1), 10)],
    ["slower, a voice", -5000, repeat(makeVoice(RATE, 62, 2), 10)],
    ["faster, a sine", 5000, makeSine(440, RATE, 620 * RATE, 0.5)],
    ["slower, a sine", -5000, makeSine(440, RATE, 620 * RATE, 0.5)],
    ["faster, noise", 5000, repeat(makeNoise(RATE, 0.1, 62, 1), 10)],
    ["slower, noise", -5000, repeat(makeNoise(RATE, 0.1, 62, 1), 10)],
  ])("%s: a clock 0.5 % off is followed for 10 minutes", (_, driftPpm, source) => {
    const { out, trace, last } = simulate({
      sampleRate: RATE,
      seconds: 600,
      publishers: [{ source, frameMs: AAC_48_MS, driftPpm, delayMs: spread(10) }],
    });
    const settled = trace.filter(({ nowMs }) => nowMs >= 30_000);
    expect(Math.max(...settled.map(({ depthMs }) => depthMs))).toBeLessThanOrEqual(100);
    expect(Math.max(...settled.map(({ delayMs }) => delayMs))).toBeLessThanOrEqual(80);
    expect(last.concealedMs).toBeLessThanOrEqual(60);
    expect(last.droppedMs).toBe(0);
    expect(Math.abs(last.driftPpm - driftPpm)).toBeLessThan(300);
    expect(
      Math.abs(
        (driftPpm > 0 ? last.shortenedMs - last.lengthenedMs : last.lengthenedMs - last.shortenedMs) - 3000,
      ),
    ).toBeLessThan(200);
    expect(largestStep(out)).toBeLessThanOrEqual(largestStep(source) * 1.05);
  });
});

describe("breaks of the media time", () => {
  test.each([
    ["forward by 5 s", (mediaMs: number) => Math.round(mediaMs) + (mediaMs > 6000 ? 5000 : 0)],
    ["backward by 5 s", (mediaMs: number) => Math.round(mediaMs) + 20_000 - (mediaMs > 6000 ? 5000 : 0)],
    [
      "to 0",
      (mediaMs: number) => (mediaMs > 6000 ? Math.round(mediaMs - 6000) : Math.round(mediaMs) + 70_000),
    ],
    ["by half of all", (mediaMs: number) => Math.round(mediaMs) + (mediaMs > 6000 ? 2 ** 31 : 0)],
    ["by a day", (mediaMs: number) => Math.round(mediaMs) + (mediaMs > 6000 ? 86_400_000 : 0)],
  ])("a jump %s of sound that goes on is not heard", (_, timestampMs) => {
    const publisher = speakVoice(12, { timestampMs });
    const playout = play(publisher);
    expect(largestStep(playout.out)).toBeLessThanOrEqual(largestStep(publisher.source) * 1.02);
    expect(playout.last.concealedMs).toBe(0);
    expect(at(playout, 7000).delayMs).toBeLessThanOrEqual(90);
    expect(hear(publisher.source, 6500, 9500, playout.out).likeness).toBeGreaterThan(0.95);
  });

  test("a pause of the publisher stays as long as it was", () => {
    const source = makeVoice(RATE, 14, 1);
    const playout = play({
      source,
      frameMs: AAC_48_MS,
      isMissing: (mediaMs) => mediaMs > 6000 && mediaMs < 9000,
    });
    const [before, after] = [hear(source, 5000, 5900, playout.out), hear(source, 9100, 10_500, playout.out)];
    expect(Math.min(before.likeness, after.likeness)).toBeGreaterThan(0.99);
    expect(Math.abs(after.laterMs - before.laterMs)).toBeLessThanOrEqual(25);
  });

  test("a pause that timestamps leave out costs no delay afterwards", () => {
    const source = makeVoice(RATE, 20, 1);
    const playout = play({
      source,
      frameMs: AAC_48_MS,
      isMissing: (mediaMs) => mediaMs > 6000 && mediaMs < 14_000,
      timestampMs: (mediaMs) => Math.round(mediaMs > 6000 ? mediaMs - 8000 : mediaMs),
      delayMs: spread(10),
    });
    const after = playout.trace.filter(({ nowMs }) => nowMs > 15_000 && nowMs < 19_500);
    expect(Math.max(...after.map(({ targetMs }) => targetMs))).toBeLessThanOrEqual(90);
    expect(Math.max(...after.map(({ delayMs }) => delayMs))).toBeLessThanOrEqual(100);
    expect(hear(source, 14_500, 19_000, playout.out).likeness).toBeGreaterThan(0.9);
    expect(at(playout, 19_500).lateFrames).toBeLessThanOrEqual(2);
  });

  test("a gap within a burst is bridged only as far as the delay allows", () => {
    const publisher = speakVoice(14, {
      isMissing: (mediaMs) => mediaMs > 5100 && mediaMs < 5300,
      delayMs: stall(5000, 5500),
    });
    const playout = play(publisher);
    expect(at(playout, 7000).delayMs).toBeLessThanOrEqual(100);
    expect(largestStep(playout.out)).toBeLessThanOrEqual(largestStep(publisher.source) * 1.05);
  });

  test.each([0, 400, 6000])("a new publisher %d ms after the old one takes over", (pauseMs) => {
    const second = makeVoice(RATE, 8, 9);
    const first = speakVoice(6);
    const playout = simulate({
      sampleRate: RATE,
      seconds: 13 + pauseMs / 1000,
      publishers: [first, { source: second, frameMs: AAC_48_MS, startMs: 6000 + pauseMs, takesOver: true }],
    });
    const { likeness, laterMs } = hear(
      second,
      200,
      4000,
      between(playout.out, 6000 + pauseMs, 12_000 + pauseMs),
    );
    expect(likeness).toBeGreaterThan(0.97);
    expect(Math.abs(laterMs - AAC_48_MS - 60)).toBeLessThanOrEqual(25);
    const plain = Math.max(largestStep(first.source), largestStep(second));
    expect(largestStep(playout.out)).toBeLessThanOrEqual(plain * 1.05);
  });
});

test("any mixture of networks, clocks, frames and pulls: no click, no growing delay", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seedRandom(seed);
    const sampleRate = random() < 0.5 ? 8000 : 16_000;
    const source = makeSine(80 + 1500 * random(), sampleRate, sampleRate * 40, 0.5);
    const jitterMs = random() < 0.3 ? 0 : 120 * random();
    const stalls = Array.from({ length: Math.floor(4 * random()) }, () => {
      const fromMs = 20_000 * random();
      return stall(fromMs, fromMs + 1500 * random());
    });
    const { out, trace, last } = simulate({
      sampleRate,
      pullMs: [10, 20, 30, 40, 60][Math.floor(5 * random())] ?? 20,
      seconds: 39,
      publishers: [
        {
          source,
          frameMs: [AAC_48_MS, 64, 20, 1024 / 44.1][Math.floor(4 * random())] ?? 20,
          driftPpm: 10_000 * (random() - 0.5),
          delayMs: (sentMs) => Math.max(jitterMs * random(), ...stalls.map((delay) => delay(sentMs))),
        },
      ],
      timerMs: () => 5 * random(),
    });
    expect({ seed, step: largestStep(out) / largestStep(source) < 1.06 }).toEqual({ seed, step: true });
    expect({ seed, back: last.delayMs - last.targetMs < 40 }).toEqual({ seed, back: true });
    expect(Math.max(...trace.map(({ depthMs }) => depthMs))).toBeLessThanOrEqual(2200);
  }
});
