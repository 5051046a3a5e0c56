/** So much a second, and at once after a rest. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** A bucket that fills with time, full at first. */
export class Bucket {
  #tokens: number;
  #filledAtMs: number;

  constructor(
    readonly rate: Rate,
    nowMs: number,
  ) {
    this.#tokens = rate.burst;
    this.#filledAtMs = nowMs;
  }

  /** Whether so much can be taken, and `left` stays. */
  has(cost: number, nowMs: number, left = 0): boolean {
    const { perSecond, burst } = this.rate;
    const earned = ((nowMs - this.#filledAtMs) * perSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#filledAtMs = nowMs;
    return this.#tokens - cost >= left;
  }

  spend(cost: number): void {
    this.#tokens -= cost;
  }
}
