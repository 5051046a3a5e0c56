import { PlayoutBuffer, type PlayoutCounters } from "../../../../src/media/audio/playout/playout-buffer.ts";
import { makeVoice, seedRandom } from "../../../codecs/pcm/signals.ts";
import { findSound } from "../../../peers/correlation.ts";

/** What a frame sent at `sentMs` is delayed by. */
export type Network = (sentMs: number) => number;

export type Publisher = {
  /** What it captures, at the playout's rate. */
  readonly source: Float32Array;
  /** Of one coded frame; 1024 samples at 48 kHz are 21.33 ms. */
  readonly frameMs: number;
  /** Its clock runs so much faster than ours. */
  readonly driftPpm?: number;
  /** When the first sample is captured, on our clock. */
  readonly startMs?: number;
  /** Later frames never overtake. */
  readonly delayMs?: Network;
  /** Written into a frame whose first sample is at `mediaMs`; whole ms by default. */
  readonly timestampMs?: (mediaMs: number) => number;
  /** Frames that it leaves out, by media time. */
  readonly isMissing?: (mediaMs: number) => boolean;
  /** Calls `restart` before its first frame. */
  readonly takesOver?: boolean;
};

export type Simulation = {
  readonly sampleRate: 8000 | 16000;
  readonly pullMs?: number;
  readonly seconds: number;
  readonly publishers: readonly Publisher[];
  /** By how much a pull is late by its timer. */
  readonly timerMs?: (dueMs: number) => number;
};

export type Playout = {
  readonly out: Float32Array;
  /** After each pull. */
  readonly trace: readonly (PlayoutCounters & { readonly nowMs: number })[];
  readonly last: PlayoutCounters;
};

export const RATE = 8000;
/** 1024 samples at 48 and at 16 kHz. */
export const AAC_48_MS = 1024 / 48;
export const AAC_16_MS = 64;

/** Any delay up to `mostMs`, the same at every run. */
export function spread(mostMs: number): Network {
  const random = seedRandom(mostMs);
  return () => mostMs * random();
}

/** Nothing arrives between the two; then everything at once. */
export function stall(fromMs: number, toMs: number): Network {
  return (sentMs) => (sentMs >= fromMs && sentMs < toMs ? toMs - sentMs : 0);
}

/** Plays one publisher for as long as its source lasts. */
export function play(publisher: Publisher, pullMs = 20): Playout {
  const seconds = publisher.source.length / RATE - 0.2;
  return simulate({ sampleRate: RATE, pullMs, seconds, publishers: [publisher] });
}

/** A voice in frames of AAC at 48 kHz. */
export function speakVoice(seconds: number, more: Partial<Publisher> = {}): Publisher {
  return { source: makeVoice(RATE, seconds, 1), frameMs: AAC_48_MS, ...more };
}

/** Of sound at RATE. */
export function between(samples: Float32Array, fromMs: number, toMs: number): Float32Array {
  return samples.slice((fromMs * RATE) / 1000, (toMs * RATE) / 1000);
}

/** Where in `out` that part of the source is heard, at most 1 s late: how alike, and how much later. */
export function hear(
  source: Float32Array,
  fromMs: number,
  toMs: number,
  out: Float32Array,
): { readonly likeness: number; readonly laterMs: number } {
  const { likeness, lagSampleCount } = findSound(
    between(source, fromMs, toMs),
    between(out, fromMs, toMs + 1000),
  );
  return { likeness, laterMs: (lagSampleCount * 1000) / RATE };
}

/** The counters at `ms`. */
export function at({ trace }: Playout, ms: number): PlayoutCounters {
  const found = trace.find(({ nowMs }) => nowMs >= ms);
  if (found === undefined) throw new Error(`the simulation ended before ${ms} ms`);
  return found;
}

type Arrival = {
  readonly atMs: number;
  readonly timestampMs: number;
  readonly samples: Float32Array;
  readonly restarts: boolean;
};

const FIRST_PULL_MS = 3;

/** Plays what publishers push over a network, pulled as a telephone does. Time starts at 0; ours is the reference. */
export function simulate({ sampleRate, pullMs = 20, seconds, publishers, timerMs }: Simulation): Playout {
  const buffer = new PlayoutBuffer({ sampleRate, frameMs: pullMs });
  const arrivals = publishers.flatMap((publisher) => listArrivals(publisher, sampleRate));
  arrivals.sort((a, b) => a.atMs - b.atMs);
  const length = (sampleRate * pullMs) / 1000;
  const pullCount = Math.floor((seconds * 1000) / pullMs);
  const out = new Float32Array(pullCount * length);
  const trace: Playout["trace"][number][] = [];
  let next = 0;
  for (let pull = 0; pull < pullCount; pull++) {
    const dueMs = FIRST_PULL_MS + pull * pullMs;
    const nowMs = dueMs + (timerMs?.(dueMs) ?? 0);
    for (
      let arrival = arrivals[next];
      arrival !== undefined && arrival.atMs <= nowMs;
      arrival = arrivals[++next]
    ) {
      if (arrival.restarts) buffer.restart();
      buffer.push(arrival.timestampMs, arrival.samples, arrival.atMs);
    }
    buffer.pull(out.subarray(pull * length, (pull + 1) * length), nowMs);
    trace.push({ nowMs, ...buffer.counters });
  }
  return { out, trace, last: buffer.counters };
}

function listArrivals(publisher: Publisher, sampleRate: number): Arrival[] {
  const { source, frameMs, driftPpm = 0, startMs = 0, delayMs, timestampMs = Math.round } = publisher;
  const arrivals: Arrival[] = [];
  const count = Math.floor(source.length / sampleRate / (frameMs / 1000));
  let atMs = 0;
  for (let frame = 0; frame < count; frame++) {
    const mediaMs = frame * frameMs;
    if (publisher.isMissing?.(mediaMs)) continue;
    const sentMs = startMs + (mediaMs + frameMs) / (1 + driftPpm / 1e6);
    atMs = Math.max(atMs, sentMs + (delayMs?.(sentMs) ?? 0));
    const [from, to] = [mediaMs, mediaMs + frameMs].map((ms) => Math.round((ms * sampleRate) / 1000));
    arrivals.push({
      atMs,
      timestampMs: timestampMs(mediaMs),
      samples: source.slice(from, to),
      restarts: publisher.takesOver === true && arrivals.length === 0,
    });
  }
  return arrivals;
}
