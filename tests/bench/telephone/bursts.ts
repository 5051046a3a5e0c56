import { AudioDecoder } from "../../../src/media/audio/coding/audio-decoder.ts";
import { AudioEncoder } from "../../../src/media/audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../../../src/media/audio/coding/coded-audio.ts";
import { encodeAudioBody } from "../../../src/media/body/audio-body.ts";
import { seedRandom } from "../../codecs/pcm/signals.ts";

export const UNIT_MS = 1024 / 48;
/** 8 s: whole units, and whole samples at every rate. */
export const UNIT_COUNT = 375;
export const PHONE_RATE = 8000;
const APP_RATE = 16_000;
const AMPLITUDE = 0.5;
const HZ = 1000;
const BURST_MS = 40;
/** Between what a burst leaves behind and what it is. */
const THRESHOLD = 0.1;
const QUIET_MS = 150;

/** Finds where bursts begin in sound that comes in pieces. */
export class OnsetFinder {
  readonly #quietCount: number;
  #quiet = 0;

  constructor(sampleRate: number) {
    this.#quietCount = (sampleRate * QUIET_MS) / 1000;
  }

  /** The sample of this piece that a burst begins with, after quiet. */
  find(samples: Float32Array): number | undefined {
    let found: number | undefined;
    for (let n = 0; n < samples.length; n++) {
      this.#quiet++;
      if (Math.abs(samples[n] ?? 0) < THRESHOLD) continue;
      if (this.#quiet > this.#quietCount) found ??= n;
      this.#quiet = 0;
    }
    return found;
  }
}

/** What an app says, 8 s for ever again, and where bursts begin in it as the telephone's side decodes it. */
export type BurstSpeech = {
  readonly config: Uint8Array;
  /** FLV tag bodies of AAC, 48 kHz. */
  readonly bodies: readonly Uint8Array[];
  /** By the unit that a burst begins in: how far into it, in milliseconds. */
  readonly onsetsMs: ReadonlyMap<number, number>;
};

export function makeBurstSpeech(): BurstSpeech {
  const encoder = new AudioEncoder({ codec: "AAC", inputRate: APP_RATE });
  const sound = makeSound();
  const bodies: Uint8Array[] = [];
  // The second round, which has the first before it, as each later one has.
  for (let round = 0; round < 2; round++) {
    bodies.length = 0;
    encoder.encode(sound, (data) =>
      bodies.push(encodeAudioBody({ codec: "AAC", role: "key", data }).slice()),
    );
  }
  const config = encodeAudioBody({
    codec: "AAC",
    role: "config",
    data: encoder.config ?? new Uint8Array(0),
  }).slice();
  return { config, bodies, onsetsMs: findOnsets(config, bodies) };
}

/** What a telephone says: one packet of a burst. */
export function makePhoneBurst(): Float32Array {
  return makeTone(PHONE_RATE, 20);
}

function makeSound(): Float32Array {
  const random = seedRandom(1);
  const sound = new Float32Array((APP_RATE * UNIT_MS * UNIT_COUNT) / 1000);
  const tone = makeTone(APP_RATE, BURST_MS);
  const lastMs = UNIT_MS * UNIT_COUNT - 2 * QUIET_MS;
  for (let atMs = QUIET_MS; atMs < lastMs; atMs += 350 + random() * 200) {
    sound.set(tone, Math.round((atMs * APP_RATE) / 1000));
  }
  return sound;
}

function makeTone(sampleRate: number, durationMs: number): Float32Array {
  return Float32Array.from(
    { length: (sampleRate * durationMs) / 1000 },
    (_, n) => AMPLITUDE * Math.cos((2 * Math.PI * HZ * n) / sampleRate),
  );
}

function findOnsets(config: Uint8Array, bodies: readonly Uint8Array[]): Map<number, number> {
  const decoder = new AudioDecoder(PHONE_RATE);
  const finder = new OnsetFinder(PHONE_RATE);
  const onsetsMs = new Map<number, number>();
  decoder.decode(toCoded("config", config));
  for (let round = 0; round < 2; round++) {
    onsetsMs.clear();
    for (const [unit, body] of bodies.entries()) {
      const onset = finder.find(decoder.decode(toCoded("key", body)));
      if (onset !== undefined) onsetsMs.set(unit, (onset * 1000) / PHONE_RATE);
    }
  }
  return onsetsMs;
}

function toCoded(role: CodedAudio["role"], body: Uint8Array): CodedAudio {
  return { codec: "AAC", role, timestampMs: 0, data: body.subarray(2), sampleRate: 0, channelCount: 1 };
}
