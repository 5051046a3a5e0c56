import type { Clock } from "../clock.ts";

/** To wake a thread costs some 15 µs on both; a wait of so much is not heard. */
const PERIOD_MS = 2;

/** Calls another thread at once, but soon again only after a while, so that many calls' sound goes at one time. */
export class PacedBell {
  readonly #clock: Clock;
  readonly #call: () => void;
  #calledAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, call: () => void) {
    this.#clock = clock;
    this.#call = call;
  }

  /** To be rung again only after the other thread has begun to read. */
  readonly ring = (): void => {
    const waitMs = this.#calledAtMs + PERIOD_MS - this.#clock.nowMs();
    if (waitMs <= 0) this.#callNow();
    else this.#clock.after(waitMs, () => this.#callNow());
  };

  #callNow(): void {
    this.#calledAtMs = this.#clock.nowMs();
    this.#call();
  }
}
