/** How much of a deviation is taken over at each tick. */
const GAIN = 1 / 16;
/** More than this is no jitter: time was jumped over. */
const JUMP_MS = 250;

/** When pulls are due, as seen through a timer that runs late and then catches up. */
export class PullClock {
  #nowMs = Number.NEGATIVE_INFINITY;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Called at `nowMs` for the next `periodMs`. */
  tick(nowMs: number, periodMs: number): void {
    const dueMs = this.#nowMs + periodMs;
    const errorMs = nowMs - dueMs;
    this.#nowMs = Math.abs(errorMs) > JUMP_MS ? nowMs : dueMs + errorMs * GAIN;
  }
}
