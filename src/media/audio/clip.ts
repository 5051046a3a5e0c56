import { Resampler } from "../../codecs/pcm/resampler.ts";
import { decodeWav } from "../../codecs/pcm/wav.ts";
import { PLAYLIST_RATE } from "./playlist.ts";

/** The sound of a WAV file as playlists take it. Throws AppError `config` for what is none. */
export function decodeClip(wav: Uint8Array): Float32Array {
  const { sampleRate, samples } = decodeWav(wav);
  const resampler = new Resampler(sampleRate, PLAYLIST_RATE);
  const resampled = resampler.process(samples).slice();
  const rest = resampler.process(new Float32Array(Math.ceil((2 * resampler.delayMs * sampleRate) / 1000)));
  const clip = new Float32Array(resampled.length + rest.length);
  clip.set(resampled);
  clip.set(rest, resampled.length);
  return clip;
}
