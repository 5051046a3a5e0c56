import { readFileSync } from "node:fs";
import { AacEncoder } from "../../../src/codecs/aac/encoder.ts";
import { encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { Resampler } from "../../../src/codecs/pcm/resampler.ts";
import { decodeWav } from "../../../src/codecs/pcm/wav.ts";
import { BUILT_IN_CLIP_PATH } from "../../../src/media/audio/clips/built-in-clip.ts";

const PUSHER_RATE = 48_000;
const PUSHER_BITS_PER_SECOND = 64_000;
const TELEPHONE_RATE = 8_000;
const PACKET_SAMPLES = 160;

/** The built-in clip, mono. Above 8 kHz it has nothing. */
function readSpeech(sampleRate: number): Float32Array {
  const clip = decodeWav(readFileSync(BUILT_IN_CLIP_PATH));
  return new Resampler(clip.sampleRate, sampleRate).process(clip.samples).slice();
}

/** AAC as a mini-program pushes it: 48 kHz, mono, with sound up to 16 kHz, as a near microphone gives. */
export function encodePusherSpeech(): {
  readonly config: Uint8Array;
  readonly accessUnits: readonly Uint8Array[];
} {
  const samples = readSpeech(PUSHER_RATE).map((sample, n) => brighten(sample, n));
  const encoder = new AacEncoder({
    inputRate: PUSHER_RATE,
    outputRate: PUSHER_RATE,
    bitsPerSecond: PUSHER_BITS_PER_SECOND,
  });
  const accessUnits: Uint8Array[] = [];
  encoder.encode(samples, (unit) => accessUnits.push(unit.slice()));
  return { config: encoder.config, accessUnits };
}

/** PCMA as a telephone sends it, 20 ms each. */
export function encodeTelephoneSpeech(): readonly Uint8Array[] {
  const samples = readSpeech(TELEPHONE_RATE);
  const bytes = new Uint8Array(samples.length);
  encodeALaw(samples, bytes);
  const count = Math.floor(bytes.length / PACKET_SAMPLES);
  return Array.from({ length: count }, (_, n) => bytes.slice(n * PACKET_SAMPLES, (n + 1) * PACKET_SAMPLES));
}

/** Adds harmonics and the noise of a microphone, −60 dB. */
function brighten(sample: number, n: number): number {
  const noise = ((Math.imul(n, 2_654_435_761) >>> 8) / 2 ** 23 - 1) * 0.001;
  return 0.7 * (sample + 0.3 * sample * Math.abs(sample)) + noise;
}
