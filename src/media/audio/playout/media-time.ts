/** Timestamps are in whole ms, and of some publishers not even: what is nearer than this or 3/4 frame is continuous. */
const JITTER_MS = 10;
const JITTER_FRAMES = 0.75;
/** Further off, but not by this: a frame was left out, or the timestamps are bad. Above this they are always believed. */
const LEAST_GAP_MS = 100;
/** Bad are those that are off by more than this on average, over some 32 frames. */
const MOST_ERROR_MS = 5;
const ERROR_GAIN = 1 / 32;

/**
 * How a frame follows the one before it:
 * - whole: continuous.
 * - seam: something is wrong, with the sound or with the timestamps.
 * - gap: frames were left out.
 * - break: another media time, or a long gap.
 */
type Sequel = "whole" | "seam" | "gap" | "break";

/** The media time of frames by their timestamps, and what these are worth. */
export class MediaTime {
  #lastTimestampMs = 0;
  #lastMediaMs = 0;
  #meanErrorMs = 0;

  /** Without the wraps at 2^32. */
  unwrap(timestampMs: number): number {
    this.#lastMediaMs += (timestampMs - this.#lastTimestampMs) | 0;
    this.#lastTimestampMs = timestampMs;
    return this.#lastMediaMs;
  }

  /** Of a frame of `durationMs` that by its timestamp begins `errorMs` after the end of the one before. */
  judge(errorMs: number, durationMs: number): Sequel {
    const distanceMs = Math.abs(errorMs);
    if (!(distanceMs <= LEAST_GAP_MS)) return "break";
    const isOff = distanceMs > Math.max(JITTER_MS, durationMs * JITTER_FRAMES);
    if (isOff && errorMs > 0 && this.#meanErrorMs < MOST_ERROR_MS) return "gap";
    this.#meanErrorMs += (distanceMs - this.#meanErrorMs) * ERROR_GAIN;
    return isOff ? "seam" : "whole";
  }
}
