/** What somebody who listens was given since `start`. */
export type Heard = {
  /** The longest time without a packet, the time until now included. */
  readonly worstGapMs: number;
  readonly missingCount: number;
};

/** Counts what arrives every `periodMs`. */
export class Ear {
  #startMs = 0;
  #lastMs = 0;
  #worstGapMs = 0;
  #count = 0;

  constructor(readonly periodMs: number) {}

  get count(): number {
    return this.#count;
  }

  start(): void {
    this.#startMs = performance.now();
    this.#lastMs = this.#startMs;
    this.#worstGapMs = 0;
    this.#count = 0;
  }

  hear(): void {
    const nowMs = performance.now();
    this.#worstGapMs = Math.max(this.#worstGapMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#count += 1;
  }

  stop(): Heard {
    const nowMs = performance.now();
    const worstGapMs = Math.max(this.#worstGapMs, nowMs - this.#lastMs);
    // Whatever came last, less than a period has passed since.
    const expectedCount = Math.floor((this.#lastMs - this.#startMs) / this.periodMs);
    return { worstGapMs, missingCount: Math.max(0, expectedCount - this.#count) };
  }
}
