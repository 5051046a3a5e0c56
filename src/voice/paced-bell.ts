import type { Clock } from "../clock.ts";

/** To wake a thread costs some 15 µs on both, and what was worked on before has left the caches: many lines' sound goes at one time. */
const LINES_A_MS = 20;
const LEAST_MS = 1;
/** Half a telephone's packet. */
const MOST_MS = 8;

/** Calls another thread at once, but soon again only after a while: the longer, the more lines there are. */
export class PacedBell {
  readonly #clock: Clock;
  readonly #lineCount: () => number;
  readonly #call: () => void;
  #calledAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, lineCount: () => number, call: () => void) {
    this.#clock = clock;
    this.#lineCount = lineCount;
    this.#call = call;
  }

  /** To be rung again only after the other thread has begun to read. */
  readonly ring = (): void => {
    const periodMs = Math.min(Math.max(this.#lineCount() / LINES_A_MS, LEAST_MS), MOST_MS);
    const waitMs = this.#calledAtMs + periodMs - this.#clock.nowMs();
    if (waitMs <= 0) this.#callNow();
    else this.#clock.after(waitMs, () => this.#callNow());
  };

  #callNow(): void {
    this.#calledAtMs = this.#clock.nowMs();
    this.#call();
  }
}
