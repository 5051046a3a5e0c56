import { Resampler } from "../../../codecs/pcm/resampler.ts";
import { decodeWav } from "../../../codecs/pcm/wav.ts";
import { PLAYLIST_RATE } from "./playlist.ts";

/** What is resampled at once: ten minutes would take eight times their own memory. */
const CHUNK_SAMPLES = 16_384;

/** The sound of a WAV file as playlists take it. Throws AppError `config` for what is none. */
export function decodeClip(wav: Uint8Array): Float32Array {
  const { sampleRate, samples } = decodeWav(wav);
  const resampler = new Resampler(sampleRate, PLAYLIST_RATE);
  const rest = new Float32Array(Math.ceil((2 * resampler.delayMs * sampleRate) / 1000));
  const sampleCount = samples.length + rest.length;
  const clip = new Float32Array(Math.ceil((sampleCount * PLAYLIST_RATE) / sampleRate) + 1);
  let filled = 0;
  const add = (chunk: Float32Array): void => {
    const resampled = resampler.process(chunk);
    clip.set(resampled, filled);
    filled += resampled.length;
  };
  for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) add(samples.subarray(at, at + CHUNK_SAMPLES));
  add(rest);
  return clip.subarray(0, filled);
}
