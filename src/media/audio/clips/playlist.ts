import type { Tone } from "../../../codecs/pcm/tone-plans.ts";
import { ToneGenerator } from "../../../codecs/pcm/tones.ts";

/** The rate of every clip, and of what a PlaylistReader gives: wide-band telephone sound. */
export const PLAYLIST_RATE = 16_000;

/** A tone has no end; a clip is mono at PLAYLIST_RATE. */
type Sound = { readonly tone: Tone } | { readonly clip: Float32Array } | { readonly silenceMs: number };

/** Sounds one after another. After the last it begins anew, or is silent. */
export type Playlist = { readonly sounds: readonly Sound[]; readonly repeats: boolean };

type Part = (out: Float32Array, from: number, at: number) => number;

/** Reads a playlist as one endless line of samples. */
export class PlaylistReader {
  readonly #parts: readonly Part[];
  #part = 0;
  /** Samples since the part's beginning. */
  #at = 0;

  constructor(readonly playlist: Playlist) {
    this.#parts = playlist.sounds.map(toPart);
  }

  /** Goes on where the last call ended. */
  fill(out: Float32Array): void {
    let from = 0;
    for (let ended = 0; from < out.length && ended <= this.#parts.length; ) {
      const part = this.#parts[this.#part];
      const count = part?.(out, from, this.#at) ?? 0;
      from += count;
      this.#at += count;
      if (from === out.length || part === undefined) break;
      // A list of nothing but empty clips would turn for ever
      ended = count > 0 ? 0 : ended + 1;
      this.#at = 0;
      this.#part = this.playlist.repeats ? (this.#part + 1) % this.#parts.length : this.#part + 1;
    }
    out.fill(0, from);
  }
}

/** A part fills `out` from `from` on with what comes after its first `at` samples; returns how many there were. */
function toPart(sound: Sound): Part {
  if ("tone" in sound) return toTonePart(sound.tone);
  if ("clip" in sound) return toClipPart(sound.clip);
  const length = Math.round((sound.silenceMs * PLAYLIST_RATE) / 1000);
  return (out, from, at) => {
    const count = Math.min(out.length - from, length - at);
    out.fill(0, from, from + count);
    return count;
  };
}

function toTonePart(tone: Tone): Part {
  const generator = new ToneGenerator(tone, PLAYLIST_RATE);
  return (out, from) => {
    generator.fill(out.subarray(from));
    return out.length - from;
  };
}

function toClipPart(clip: Float32Array): Part {
  return (out, from, at) => {
    const count = Math.min(out.length - from, clip.length - at);
    out.set(clip.subarray(at, at + count), from);
    return count;
  };
}
