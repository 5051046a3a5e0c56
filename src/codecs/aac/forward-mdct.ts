import type { Reals } from "./fft.ts";
import { SHORT_WINDOWS } from "./frame-layout.ts";
import { Imdct } from "./imdct.ts";
import { type Decimation, LONG_LENGTH, SHORT_LENGTH, SINE, windowSlope } from "./window.ts";
import { EIGHT_SHORT, LONG_START, LONG_STOP, type WindowSequence } from "./window-info.ts";

/** AAC counts in steps of 16-bit sound, and the forward transform has a factor of 2, ISO/IEC 14496-3 4.6.11.3.1. */
const SCALE = 2 * 32_768;

/**
 * Windows and transforms two blocks of samples. At 1/decimation of the coded rate it gives the low lines of the full
 * transform: the places (n + 1/2)·decimation are the same on both grids, for windows and cosines alike.
 * Indices are within the arrays, hence `as number`.
 */
export class ForwardMdct {
  /** Samples of one block, and lines of a long window. */
  readonly blockLength: number;
  readonly #shortLength: number;
  readonly #long: Imdct;
  readonly #short: Imdct;
  readonly #longSlope: Reals;
  readonly #shortSlope: Reals;
  /** A short slope within the half of a long window. */
  readonly #edgeSlope: Reals;
  readonly #folded: Reals;
  readonly #reversed: Reals;

  constructor(decimation: Decimation) {
    this.blockLength = LONG_LENGTH / decimation;
    this.#shortLength = SHORT_LENGTH / decimation;
    this.#long = new Imdct(this.blockLength, SCALE * decimation);
    this.#short = new Imdct(this.#shortLength, SCALE * decimation);
    this.#longSlope = windowSlope(SINE, LONG_LENGTH, decimation);
    this.#shortSlope = windowSlope(SINE, SHORT_LENGTH, decimation);
    this.#edgeSlope = new Float64Array(this.blockLength).fill(1);
    const flatLength = (this.blockLength - this.#shortLength) / 2;
    this.#edgeSlope.fill(0, 0, flatLength).set(this.#shortSlope, flatLength);
    this.#folded = new Float64Array(this.blockLength);
    this.#reversed = new Float64Array(this.blockLength);
  }

  /** Two blocks of `samples` (full scale 1) to the lines of a long window, or of eight short ones each from a multiple of 128 on. */
  transform(samples: Reals, sequence: WindowSequence, spectrum: Reals): void {
    if (sequence !== EIGHT_SHORT) {
      const left = sequence === LONG_STOP ? this.#edgeSlope : this.#longSlope;
      const right = sequence === LONG_START ? this.#edgeSlope : this.#longSlope;
      this.#transformWindow(this.#long, samples, 0, left, right, spectrum, 0);
      return;
    }
    const slope = this.#shortSlope;
    const first = (this.blockLength - this.#shortLength) / 2;
    for (let window = 0; window < SHORT_WINDOWS; window++) {
      const from = first + window * this.#shortLength;
      this.#transformWindow(this.#short, samples, from, slope, slope, spectrum, window * SHORT_LENGTH);
    }
  }

  /** The inverse transform is a DCT-IV, which is its own inverse, but negated and in reverse order. */
  #transformWindow(
    transform: Imdct,
    samples: Reals,
    from: number,
    left: Reals,
    right: Reals,
    spectrum: Reals,
    at: number,
  ): void {
    const reversed = this.#reversed;
    const { length } = transform;
    fold(samples, from, length, left, right, this.#folded);
    transform.transform(this.#folded, 0, reversed, 0);
    for (let line = 0; line < length; line++) spectrum[at + line] = -(reversed[length - 1 - line] as number);
  }
}

/** Folds 2·length windowed samples into `length` so that a DCT-IV gives their MDCT. */
function fold(samples: Reals, from: number, length: number, left: Reals, right: Reals, folded: Reals): void {
  const half = length / 2;
  const middle = from + length;
  for (let n = 0; n < half; n++) {
    const inner = half - 1 - n;
    folded[n] =
      -(samples[middle + inner] as number) * (right[half + n] as number) -
      (samples[middle + half + n] as number) * (right[inner] as number);
    folded[half + n] =
      (samples[from + n] as number) * (left[n] as number) -
      (samples[middle - 1 - n] as number) * (left[length - 1 - n] as number);
  }
}
