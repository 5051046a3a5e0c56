import { MILLIWATT, TONE_PLANS, type TonePlan } from "../codecs/pcm/tone-plans.ts";
import type { Playlist } from "../media/audio/clips/playlist.ts";

/** What parties of a call hear while nobody speaks. */
export type CallSounds = {
  /** While the callee is called. */
  readonly waiting: Playlist;
  /** From the answer until the callee's own sound. */
  readonly silence: Playlist;
  readonly extensions: Readonly<Record<"tone" | "welcome", Playlist>>;
};

/** The silence between two rounds of the clip. */
const PAUSE_MS = 1_000;

/** Gives the same sounds with another clip before the ringing; the clip is at PLAYLIST_RATE. */
export function replaceClip(sounds: CallSounds, clip: Float32Array): CallSounds {
  return {
    ...sounds,
    waiting: { ...sounds.waiting, sounds: [{ clip }, ...sounds.waiting.sounds.slice(-1)] },
  };
}

/** @param welcomeClip the sound that `[server] welcome_wav` names, at PLAYLIST_RATE */
export function createCallSounds(
  plan: TonePlan,
  welcomeClip: Float32Array | undefined,
  builtInClip: Float32Array,
): CallSounds {
  const ringback = { tone: TONE_PLANS[plan].ringback };
  const waiting = welcomeClip === undefined ? [ringback] : [{ clip: welcomeClip }, ringback];
  return {
    waiting: { sounds: waiting, repeats: false },
    silence: { sounds: [], repeats: false },
    extensions: {
      tone: { sounds: [{ tone: MILLIWATT }], repeats: false },
      welcome: { sounds: [{ clip: welcomeClip ?? builtInClip }, { silenceMs: PAUSE_MS }], repeats: true },
    },
  };
}
