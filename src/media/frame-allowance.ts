/** Twenty times the frames of sound and picture together, as a file is pushed that need not wait. */
const FRAMES_A_SECOND = 3_000;
/** What a network may hold back and then deliver at once, and more. */
const BURST_FRAMES = 20_000;

/** Limits how many frames one stream takes, whatever is in them: a frame costs something though it is empty. */
export class FrameAllowance {
  #left = BURST_FRAMES;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** False if it is too much by now. */
  take(nowMs: number): boolean {
    this.#left = Math.min(BURST_FRAMES, this.#left + ((nowMs - this.#atMs) * FRAMES_A_SECOND) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
