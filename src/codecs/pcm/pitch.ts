import { sumSquares } from "./background-level.ts";

const SHORTEST_MS = 2.5;
const COARSE_RATE = 4000;
/** How much less alike a longer lag may be and still be preferred where length is wanted. */
const LENGTH_BONUS = 0.05;

/** The window is what is compared: one period of a deep voice at best. */
export type PitchTerms = { readonly windowMs: number; readonly longestMs: number };
const USUAL_TERMS: PitchTerms = { windowMs: 12, longestMs: 20 };

/** What a search may prefer among lags that are about equally alike. */
export type LagChoice = "likest" | "longest";

/**
 * Finds the lag at which sound repeats itself: normalised cross-correlation of a window of 12 ms with what comes 2.5 to
 * 20 ms later (or came earlier), first at 4 kHz, then refined at the full rate, as in NetEQ and ITU-T G.711 Appendix I.
 */
export class PitchFinder {
  /** Samples of the window, and of the lags: a search reads both, in its direction. */
  readonly windowLength: number;
  readonly longestLag: number;
  readonly shortestLag: number;
  /** Result of the last search: samples, and the correlation (-1..1; 0 where all is silent). */
  lag = 0;
  likeness = 0;

  readonly #factor: number;
  readonly #coarse: Float32Array;
  readonly #coarseLikeness: Float32Array;

  constructor(sampleRate: number, { windowMs, longestMs } = USUAL_TERMS) {
    this.#factor = Math.max(1, Math.round(sampleRate / COARSE_RATE));
    this.windowLength = Math.round((sampleRate * windowMs) / 1000);
    this.longestLag = Math.round((sampleRate * longestMs) / 1000);
    this.shortestLag = Math.round((sampleRate * SHORTEST_MS) / 1000);
    this.#coarse = new Float32Array(Math.floor((this.windowLength + this.longestLag) / this.#factor));
    this.#coarseLikeness = new Float32Array(this.#coarse.length);
  }

  /**
   * Compares the window at 0 with what comes up to `mostLag` later, which is within shortestLag..longestLag; needs
   * `windowLength + longestLag` samples.
   */
  searchForward(samples: Float32Array, mostLag: number, choice: LagChoice): void {
    this.#decimate(samples, 0);
    this.#search(samples, 0, 0, 1, mostLag, choice);
  }

  /** Compares the window that ends at `end` with earlier sound; needs `windowLength + longestLag` samples before it. */
  searchBackward(samples: Float32Array, end: number): void {
    this.#decimate(samples, end - this.windowLength - this.longestLag);
    const window = end - this.windowLength;
    const coarseWindow = this.#coarse.length - Math.floor(this.windowLength / this.#factor);
    this.#search(samples, window, coarseWindow, -1, this.longestLag, "likest");
  }

  #decimate(samples: Float32Array, from: number): void {
    const factor = this.#factor;
    for (let i = 0; i < this.#coarse.length; i++) {
      let sum = 0;
      for (let k = 0; k < factor; k++) sum += samples[from + i * factor + k] ?? 0;
      this.#coarse[i] = sum;
    }
  }

  #search(
    samples: Float32Array,
    at: number,
    coarseAt: number,
    direction: 1 | -1,
    mostLag: number,
    choice: LagChoice,
  ): void {
    const factor = this.#factor;
    const coarseLag = this.#searchCoarse(coarseAt, direction, Math.floor(mostLag / factor), choice);
    const energy = sumSquares(samples, at, at + this.windowLength);
    let best = -2;
    for (let lag = coarseLag * factor - factor; lag <= coarseLag * factor + factor; lag++) {
      if (lag < this.shortestLag || lag > mostLag) continue;
      const begin = at + direction * lag;
      const lagEnergy = sumSquares(samples, begin, begin + this.windowLength);
      const likeness = compare(samples, at, begin, this.windowLength, Math.max(energy, lagEnergy));
      if (likeness <= best) continue;
      best = likeness;
      this.lag = lag;
    }
    this.likeness = best;
  }

  #searchCoarse(at: number, direction: 1 | -1, last: number, choice: LagChoice): number {
    const first = Math.ceil(this.shortestLag / this.#factor);
    const window = Math.floor(this.windowLength / this.#factor);
    const coarse = this.#coarse;
    const energy = sumSquares(coarse, at, at + window);
    let lagEnergy = sumSquares(coarse, at + direction * first, at + direction * first + window);
    let bestLag = first;
    let best = -2;
    for (let lag = first; lag <= last; lag++) {
      const begin = at + direction * lag;
      const likeness = compare(coarse, at, begin, window, Math.max(energy, lagEnergy));
      this.#coarseLikeness[lag] = likeness;
      const incoming = coarse[direction > 0 ? begin + window : begin - 1] ?? 0;
      const outgoing = coarse[direction > 0 ? begin : begin + window - 1] ?? 0;
      lagEnergy += incoming * incoming - outgoing * outgoing;
      if (likeness <= best) continue;
      best = likeness;
      bestLag = lag;
    }
    return choice === "likest" ? bestLag : this.#lastNear(best - LENGTH_BONUS, bestLag, last);
  }

  /** The longest lag that is a peak and at least so much alike. */
  #lastNear(likeness: number, from: number, last: number): number {
    const all = this.#coarseLikeness;
    for (let lag = last; lag > from; lag--) {
      const here = all[lag] ?? 0;
      const isPeak = here >= (all[lag - 1] ?? 0) && (lag === last || here >= (all[lag + 1] ?? 0));
      if (isPeak && here >= likeness) return lag;
    }
    return from;
  }
}

/** 1 for the same, less for what has another shape, and also for what is louder or softer; `energy` is the louder one's. */
function compare(samples: Float32Array, a: number, b: number, length: number, energy: number): number {
  if (!(energy > 0)) return 0;
  let product = 0;
  for (let i = 0; i < length; i++) product += (samples[a + i] ?? 0) * (samples[b + i] ?? 0);
  return product / energy;
}
