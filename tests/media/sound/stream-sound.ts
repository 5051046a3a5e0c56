import { AudioDecoder } from "../../../src/media/audio/coding/audio-decoder.ts";
import { decodeAudioBody } from "../../../src/media/body/audio-body.ts";
import { readAudioSampleRate } from "../../../src/media/body/metadata.ts";
import type { Frame } from "../../../src/media/frame.ts";
import type { Stream } from "../../../src/media/stream.ts";

export const RATE = 16_000;

/** What a player of the stream gets from now on. */
export function listen(stream: Stream): Frame[] {
  const frames: Frame[] = [];
  stream.subscribe({ onFrame: (frame) => frames.push(frame), onEnd: () => {}, droppedFrameCount: () => 0 });
  return frames;
}

/** What a player makes of the frames, at RATE; it trusts metadata for the rate of L16. */
export function decode(frames: readonly Frame[]): Float32Array {
  const decoder = new AudioDecoder(RATE);
  let specialRate: number | undefined;
  const pieces = frames.map(({ kind, body, timestampMs }) => {
    if (kind === "data") specialRate = readAudioSampleRate(body);
    const coded = kind === "audio" ? decodeAudioBody(body, specialRate ?? 1) : undefined;
    return coded === undefined ? new Float32Array(0) : decoder.decode({ ...coded, timestampMs }).slice();
  });
  const samples = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return samples;
}

/** The share of one frequency in the middle half of the sound, 1 for a pure tone. */
export function shareOf(hz: number, samples: Float32Array): number {
  const middle = samples.subarray(samples.length >> 2, (3 * samples.length) >> 2);
  let [re, im, energy] = [0, 0, 0];
  middle.forEach((sample, n) => {
    const angle = (2 * Math.PI * hz * n) / RATE;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
    energy += sample * sample;
  });
  return energy === 0 ? 0 : (2 * (re * re + im * im)) / (middle.length * energy);
}

/** Between the coded sounds of a player, in milliseconds. */
export function stepsMs(frames: readonly Frame[]): number[] {
  const timesMs = frames
    .filter(({ kind, role }) => kind === "audio" && role === "key")
    .map(({ timestampMs }) => timestampMs);
  return timesMs.slice(1).map((timeMs, n) => timeMs - (timesMs[n] ?? 0));
}
