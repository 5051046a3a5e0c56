const START_MS = 60;
const LEAST_MS = 40;
const MOST_MS = 400;
/** For what the telephone's own clock and whole milliseconds add. */
const MARGIN_MS = 10;
const BIN_MS = 5;
const BIN_COUNT = 100;
/** The latest frame of so much time counts as one, so that a burst of late frames counts once. */
const INTERVAL_MS = 500;
/** What an interval weighs, 1/40: 20 s are remembered. */
const NEW_SHARE = 1 / 40;
/** A single stall in 20 s lies above the quantile and is forgiven; a second one is believed. */
const QUANTILE = 0.96;
/** At the start the first delay is kept for some 20 s unless the network asks for more. */
const START_SHARE = 0.1;
const FALL_MS_PER_INTERVAL = 10;

/**
 * How far behind the fastest transit to play: a quantile over a histogram of how late frames come, with exponential
 * forgetting, as in the delay manager and underrun optimizer of WebRTC's NetEQ. It rises at once and falls slowly.
 */
export class TargetDelay {
  readonly #bins = new Float64Array(BIN_COUNT);
  #latestMs = 0;
  #intervalEndMs = Number.NEGATIVE_INFINITY;
  #risenMs = 0;
  #targetMs = 0;

  /** `frameMs` is taken out at a time. */
  constructor(private readonly frameMs: number) {
    this.reset();
  }

  get targetMs(): number {
    return this.#targetMs;
  }

  /** Another network: begin anew. */
  reset(): void {
    this.#bins.fill(0);
    const startBin = Math.max(0, Math.ceil((START_MS - this.frameMs - MARGIN_MS) / BIN_MS) - 1);
    this.#bins[startBin] = START_SHARE;
    this.#bins[0] = (this.#bins[0] ?? 0) + 1 - START_SHARE;
    this.#intervalEndMs = Number.NEGATIVE_INFINITY;
    this.#risenMs = 0;
    this.#targetMs = this.#measure();
  }

  /** A frame came `lateMs` after the fastest possible. */
  observe(lateMs: number, nowMs: number): void {
    if (nowMs >= this.#intervalEndMs) {
      if (this.#intervalEndMs > 0) this.#closeInterval();
      this.#intervalEndMs = nowMs + INTERVAL_MS;
    }
    this.#latestMs = Math.max(this.#latestMs, lateMs);
  }

  /** The fastest transit takes longer by `riseMs` from now on: all that was late before was less late than it seemed. */
  rise(riseMs: number): void {
    this.#risenMs += riseMs;
    const shift = Math.min(BIN_COUNT - 1, Math.floor(this.#risenMs / BIN_MS));
    if (shift === 0) return;
    this.#risenMs -= shift * BIN_MS;
    let first = 0;
    for (let i = 0; i <= shift; i++) first += this.#bins[i] ?? 0;
    this.#bins.copyWithin(0, shift);
    this.#bins.fill(0, BIN_COUNT - shift);
    this.#bins[0] = first;
    this.#targetMs = Math.max(this.#measure(), this.#targetMs - shift * BIN_MS);
  }

  #closeInterval(): void {
    for (let i = 0; i < BIN_COUNT; i++) this.#bins[i] = (this.#bins[i] ?? 0) * (1 - NEW_SHARE);
    const bin = Math.min(BIN_COUNT - 1, Math.floor(this.#latestMs / BIN_MS));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + NEW_SHARE;
    this.#latestMs = 0;
    this.#targetMs = Math.max(this.#measure(), this.#targetMs - FALL_MS_PER_INTERVAL);
  }

  #measure(): number {
    let bin = 0;
    let share = this.#bins[0] ?? 0;
    while (share < QUANTILE && bin < BIN_COUNT - 1) share += this.#bins[++bin] ?? 0;
    const neededMs = (bin + 1) * BIN_MS + this.frameMs + MARGIN_MS;
    return Math.max(LEAST_MS, Math.min(MOST_MS, neededMs));
  }
}
