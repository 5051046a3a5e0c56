import { sumSquares } from "./background-level.ts";
import { type LagChoice, PitchFinder } from "./pitch.ts";

const BLOCK_MS = 5;
/** A pause is seen so far ahead, and gives or takes at most so much at a time. */
const LOOKAHEAD_MS = 80;
const MOST_QUIET_MS = 60;
/** -40 dBFS: softer background is cut anywhere, louder one at the best lag, be it ever so little alike. */
const QUIET_LEVEL = 0.01;

/** How a change may be made. */
export type StretchTerms = {
  /** RMS; what is softer is background: a pause, or a noise or hum that never ends. */
  steadyLevel: number;
  /** How much alike (correlation, at most 1) speech must be to what is one lag later to be joined with it. */
  leastLikeness: number;
  /** "longest" takes several pitch periods at a time. */
  choice: LagChoice;
};

/**
 * Makes sound shorter or longer without changing its pitch: in pauses by any length, in speech by whole pitch periods
 * found by correlation and joined with overlap-add, as NetEQ's Accelerate and PreemptiveExpand do.
 */
export class TimeStretch {
  /** With fewer samples in hand than this, less can be done. */
  readonly lookahead: number;
  /** Result of the last successful call: `output[0..outputLength)` stands for `input[0..inputLength)`. */
  readonly output: Float32Array;
  outputLength = 0;
  inputLength = 0;
  readonly #pitch: PitchFinder;
  readonly #block: number;
  readonly #mostQuiet: number;
  #size = 0;
  #overlap = 0;

  constructor(sampleRate: number) {
    this.#pitch = new PitchFinder(sampleRate);
    this.#block = Math.round((sampleRate * BLOCK_MS) / 1000);
    this.#mostQuiet = Math.round((sampleRate * MOST_QUIET_MS) / 1000);
    this.lookahead = Math.round((sampleRate * LOOKAHEAD_MS) / 1000);
    this.output = new Float32Array(this.lookahead + this.#pitch.windowLength);
  }

  /** Takes at most `most` samples out of the beginning of `input[0..length)`; false where nothing fits the terms. */
  shorten(input: Float32Array, length: number, most: number, terms: StretchTerms): boolean {
    if (!this.#findJoint(input, length, most, terms)) return false;
    crossFade(input, 0, this.#size, this.output, 0, this.#overlap);
    this.outputLength = this.#overlap;
    this.inputLength = this.#size + this.#overlap;
    return true;
  }

  /** Puts at most `most` samples into the beginning of `input[0..length)`; false where nothing fits the terms. */
  lengthen(input: Float32Array, length: number, most: number, terms: StretchTerms): boolean {
    if (!this.#findJoint(input, length, most, terms)) return false;
    for (let i = 0; i < this.#size; i++) this.output[i] = input[i] ?? 0;
    crossFade(input, this.#size, 0, this.output, this.#size, this.#overlap);
    this.outputLength = this.#size + this.#overlap;
    this.inputLength = this.#overlap;
    return true;
  }

  /** Chooses how much may be dropped or doubled at the beginning, and how long the cross-fade is. */
  #findJoint(input: Float32Array, length: number, most: number, terms: StretchTerms): boolean {
    const pitch = this.#pitch;
    const steady = this.#measureSteady(input, length, terms.steadyLevel);
    const quiet = Math.min(steady - this.#block, most, this.#mostQuiet);
    if (terms.steadyLevel <= QUIET_LEVEL && quiet >= pitch.shortestLag) {
      this.#size = quiet;
      this.#overlap = this.#block;
      return true;
    }
    if (most < pitch.shortestLag || length < pitch.windowLength + pitch.longestLag) return false;
    pitch.searchForward(input, Math.min(most, pitch.longestLag), terms.choice);
    this.#size = pitch.lag;
    this.#overlap = pitch.windowLength;
    return pitch.likeness >= terms.leastLikeness || steady >= this.#size + this.#overlap;
  }

  /** How many samples at the beginning are background. */
  #measureSteady(input: Float32Array, length: number, level: number): number {
    const power = level * level * this.#block;
    const end = Math.min(length, this.lookahead) - this.#block;
    let at = 0;
    while (at <= end && sumSquares(input, at, at + this.#block) <= power) at += this.#block;
    return at;
  }
}

/** From `input[from…]` to `input[to…]` within `length` samples. */
function crossFade(
  input: Float32Array,
  from: number,
  to: number,
  output: Float32Array,
  at: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    const share = (i + 0.5) / length;
    const old = input[from + i] ?? 0;
    output[at + i] = old + share * ((input[to + i] ?? 0) - old);
  }
}
