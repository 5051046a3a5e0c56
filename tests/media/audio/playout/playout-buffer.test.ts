import { describe, expect, test } from "bun:test";
import { PlayoutBuffer } from "../../../../src/media/audio/playout/playout-buffer.ts";
import { largestStep, makeNoise, makeVoice, seedRandom } from "../../../codecs/pcm/signals.ts";
import { measureRms } from "../../../codecs/pcm/spectrum.ts";
import { findSound } from "../../../peers/correlation.ts";
import {
  AAC_16_MS,
  AAC_48_MS,
  at,
  between,
  type Publisher,
  play,
  RATE,
  simulate,
  speakVoice,
  spread,
  stall,
} from "./playout-simulation.ts";

type Row = {
  readonly name: string;
  readonly publisher: Publisher;
  readonly pullMs?: number;
  /** After the first 3 s: how deep it gets at most, what is invented, how far from the target it ends. */
  readonly mostDepthMs: number;
  readonly mostConcealedMs: number;
  readonly mostTargetMs: number;
};

const ROWS: readonly Row[] = [
  {
    name: "an even network",
    publisher: speakVoice(30),
    mostDepthMs: 80,
    mostConcealedMs: 0,
    mostTargetMs: 60,
  },
  {
    name: "64 ms frames",
    publisher: speakVoice(30, { frameMs: AAC_16_MS }),
    mostDepthMs: 125,
    mostConcealedMs: 0,
    mostTargetMs: 60,
  },
  {
    name: "10 ms pulls",
    publisher: speakVoice(20),
    pullMs: 10,
    mostDepthMs: 80,
    mostConcealedMs: 0,
    mostTargetMs: 60,
  },
  {
    name: "60 ms pulls",
    publisher: speakVoice(20),
    pullMs: 60,
    mostDepthMs: 90,
    mostConcealedMs: 0,
    mostTargetMs: 75,
  },
  {
    name: "60 ms pulls of 64 ms frames",
    publisher: speakVoice(20, { frameMs: AAC_16_MS }),
    pullMs: 60,
    mostDepthMs: 125,
    mostConcealedMs: 0,
    mostTargetMs: 75,
  },
  {
    name: "30 ms jitter",
    publisher: speakVoice(60, { delayMs: spread(30) }),
    mostDepthMs: 85,
    mostConcealedMs: 0,
    mostTargetMs: 65,
  },
  {
    name: "100 ms jitter",
    publisher: speakVoice(60, { delayMs: spread(100) }),
    mostDepthMs: 160,
    mostConcealedMs: 20,
    mostTargetMs: 140,
  },
  {
    name: "100 ms jitter of 64 ms frames",
    publisher: speakVoice(60, { frameMs: AAC_16_MS, delayMs: spread(100) }),
    mostDepthMs: 210,
    mostConcealedMs: 20,
    mostTargetMs: 140,
  },
  {
    name: "bunches of three frames",
    publisher: speakVoice(30, { delayMs: (sentMs) => 64 - (sentMs % 64) }),
    mostDepthMs: 130,
    mostConcealedMs: 0,
    mostTargetMs: 100,
  },
  {
    name: "timestamps that jitter by 20 ms",
    publisher: speakVoice(30, { timestampMs: jitterTimestamps(20) }),
    mostDepthMs: 120,
    mostConcealedMs: 0,
    mostTargetMs: 80,
  },
  {
    name: "timestamps that stand still",
    publisher: speakVoice(30, { timestampMs: () => 0 }),
    mostDepthMs: 250,
    mostConcealedMs: 0,
    mostTargetMs: 200,
  },
  ...[0.02, 0.1].map((share) => ({
    name: `a share of ${share} of the frames left out`,
    publisher: speakVoice(30, { isMissing: dropFrames(share) }),
    mostDepthMs: 110,
    mostConcealedMs: 30_000 * share * 1.5,
    mostTargetMs: 60,
  })),
];

function jitterTimestamps(mostMs: number): (mediaMs: number) => number {
  const random = seedRandom(4);
  return (mediaMs) => Math.round(1000 + mediaMs + mostMs * (2 * random() - 1));
}

function dropFrames(share: number): (mediaMs: number) => boolean {
  const random = seedRandom(6);
  return () => random() < share;
}

describe("plays without clicks and close behind", () => {
  test.each(ROWS)("$name", ({ publisher, pullMs, mostDepthMs, mostConcealedMs, mostTargetMs }) => {
    const playout = play(publisher, pullMs);
    const settled = playout.trace.filter(({ nowMs }) => nowMs >= 3000);
    expect(largestStep(playout.out)).toBeLessThanOrEqual(largestStep(publisher.source) * 1.02);
    expect(Math.max(...settled.map(({ depthMs }) => depthMs))).toBeLessThanOrEqual(mostDepthMs);
    expect(Math.max(...settled.map(({ targetMs }) => targetMs))).toBeLessThanOrEqual(mostTargetMs);
    expect(playout.last.concealedMs - at(playout, 3000).concealedMs).toBeLessThanOrEqual(mostConcealedMs);
    expect(Math.abs(playout.last.delayMs - playout.last.targetMs)).toBeLessThanOrEqual(35);
    expect(playout.last.droppedMs).toBe(0);
  });
});

describe("joins frames without a seam, whatever the timestamps' rounding", () => {
  test.each([
    ["rounded", Math.round],
    ["cut off", Math.floor],
    ["rounded up", Math.ceil],
    ["one off at times", (mediaMs: number) => Math.round(mediaMs) + (Math.floor(mediaMs) % 3) - 1],
    ["wrapping at 2^32", (mediaMs: number) => (Math.round(mediaMs) + 2 ** 32 - 5000) % 2 ** 32],
    ["beyond 2^32", (mediaMs: number) => Math.round(mediaMs) + 2 ** 40],
  ])("%s", (_, timestampMs) => {
    const source = makeVoice(RATE, 12, 3);
    const { out, last } = play({ source, frameMs: AAC_48_MS, timestampMs });
    const begin = out.findIndex((sample) => sample !== 0) + 160;
    const { lagSampleCount } = findSound(out.slice(begin, begin + 4000), source.slice(0, 16_000));
    expect(out.slice(begin)).toEqual(source.slice(lagSampleCount, lagSampleCount + out.length - begin));
    expect(last.concealedMs + last.shortenedMs + last.lengthenedMs).toBe(0);
  });
});

describe("delay", () => {
  test.each([8000, 16_000] as const)(
    "a sweep is heard as late as the counters say, at %d Hz",
    (sampleRate) => {
      const sweep = Float32Array.from(
        { length: sampleRate / 10 },
        (_, n) => 0.5 * Math.sin(0.00002 * (16_000 / sampleRate) ** 2 * n * n * 40),
      );
      const source = new Float32Array(sampleRate * 60);
      const startsMs = [2000, 50_000];
      for (const ms of startsMs) source.set(sweep, (ms * sampleRate) / 1000);
      const { out, trace } = simulate({
        sampleRate,
        seconds: 59,
        publishers: [{ source, frameMs: AAC_48_MS }],
      });
      for (const startMs of startsMs) {
        const from = ((startMs - 100) * sampleRate) / 1000;
        const { likeness, lagSampleCount } = findSound(sweep, out.slice(from, from + sampleRate));
        const heardAfterMs = (lagSampleCount * 1000) / sampleRate - 100;
        const counters = trace.find(({ nowMs }) => nowMs >= startMs + 50);
        expect(likeness).toBeGreaterThan(0.99);
        // A frame is sent when its last sample is captured.
        expect(Math.abs(heardAfterMs - AAC_48_MS - (counters?.delayMs ?? 0))).toBeLessThanOrEqual(4);
      }
      expect(trace.at(-1)?.targetMs).toBe(40);
    },
  );

  test("a frame that takes longer than ever is waited for by inventing, not by a gap", () => {
    const source = makeNoise(RATE, 0.01, 12, 1);
    const { out } = play({ source, frameMs: AAC_48_MS, delayMs: stall(6000, 6300) });
    for (let ms = 1000; ms < 11_000; ms += 10)
      expect(measureRms(between(out, ms, ms + 10))).toBeGreaterThan(0.002);
  });
});

test("a telephone timer that runs late and catches up changes nothing", () => {
  const source = makeVoice(RATE, 12, 1);
  const random = seedRandom(2);
  for (const timerMs of [
    () => 10 * random(),
    (dueMs: number) => (dueMs % 40 < 20 ? 20 : 0),
    stall(5000, 5060),
  ]) {
    const { last } = simulate({
      sampleRate: RATE,
      seconds: 11,
      publishers: [{ source, frameMs: AAC_48_MS }],
      timerMs,
    });
    expect(last.concealedMs).toBe(0);
    expect(last.shortenedMs + last.lengthenedMs).toBeLessThanOrEqual(20);
  }
});

test("is silent before any sound, and fills any length", () => {
  const buffer = new PlayoutBuffer({ sampleRate: RATE, frameMs: 20 });
  const out = new Float32Array(160).fill(1);
  buffer.pull(out, 0);
  buffer.push(0, new Float32Array(0), 1);
  buffer.pull(out, 20);
  expect(out.every((sample) => sample === 0)).toBe(true);
  expect(buffer.counters).toEqual({
    ...{ depthMs: 0, delayMs: 0, targetMs: 60, lateFrames: 0, concealedMs: 0 },
    ...{ shortenedMs: 0, lengthenedMs: 0, droppedMs: 0, driftPpm: -0 },
  });
});

test("hostile timestamps and amounts: always filled, always bounded", () => {
  const random = seedRandom(11);
  const buffer = new PlayoutBuffer({ sampleRate: RATE, frameMs: 20 });
  const out = new Float32Array(160);
  const odd = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, -5000, 2 ** 31, 2 ** 32 - 1, 2 ** 53, 0.5];
  let nowMs = 0;
  for (let step = 0; step < 20_000; step++) {
    nowMs += random() < 0.01 ? 10_000 * random() : 20 * random();
    const samples = new Float32Array(Math.floor(random() < 0.02 ? 40_000 * random() : 400 * random())).fill(
      random() - 0.5,
    );
    const timestampMs = random() < 0.5 ? nowMs : (odd[Math.floor(random() * odd.length)] ?? 0);
    if (random() < 0.6) buffer.push(timestampMs, samples, nowMs);
    if (random() < 0.02) buffer.restart();
    if (random() < 0.6) {
      out.fill(Number.NaN);
      buffer.pull(out, nowMs);
      if (!out.every((sample) => Math.abs(sample) <= 2)) throw new Error(`at step ${step}: ${out.join(" ")}`);
    }
    expect(buffer.counters.depthMs).toBeLessThanOrEqual(2200);
  }
});
