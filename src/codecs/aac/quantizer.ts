import type { Reals } from "./fft.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { LARGEST_VALUE } from "./spectrum-bits.ts";
import { LONG_LENGTH } from "./window.ts";
import { MAX_BANDS } from "./window-info.ts";

/** SF_OFFSET of ISO/IEC 14496-3 4.6.2.3.3: the scale factor that stands for a step of 1. */
const UNIT_SCALE_FACTOR = 100;
const SCALE_FACTORS = 256;
/** A scale factor is 1.5 dB of amplitude, so a doubled energy is 2 of them. */
const SCALE_FACTORS_PER_OCTAVE = 2;

/**
 * Added before truncating to a whole number. Less than what would find the nearest value: rounding down where it hardly
 * matters saves more bits than the noise costs.
 */
const ROUNDING = 0.4054;

/** Added to a line's energy: what rounding to 16 bits leaves in each. */
const QUIET_LINE = 128;

/** (1 / step)^(3/4) of each scale factor. */
const GAINS = Float64Array.from(
  { length: SCALE_FACTORS },
  (_, scaleFactor) => 2 ** ((-3 / 16) * (scaleFactor - UNIT_SCALE_FACTOR)),
);

/** Turns lines into whole numbers: |value| = (|line| / step)^(3/4), 4.6.1. Indices are within the arrays, hence `as number`. */
export class Quantizer {
  /** Of each line, in the order of transmission. */
  readonly values = new Int32Array(LONG_LENGTH);
  /** The largest absolute value of each band. */
  readonly largest = new Int32Array(MAX_BANDS);
  /** Lines that are not 0. */
  codedLineCount = 0;
  /** The smallest scale factor with which all values can be written. */
  smallestScaleFactor = 0;
  /** How loud the lines are, on the scale of scale factors: the mean of the bands' logarithms by their width. */
  level = 0;
  readonly #spectrum: Reals;
  /** |line|^(3/4) and the rounding, both with the line's sign: the loop over trials needs no branch for it. */
  readonly #powers: Reals = new Float64Array(LONG_LENGTH);
  readonly #roundings: Reals = new Float64Array(LONG_LENGTH);

  constructor(spectrum: Reals) {
    this.#spectrum = spectrum;
  }

  /** Takes what is in the spectrum. */
  load(layout: FrameLayout): void {
    const spectrum = this.#spectrum;
    const powers = this.#powers;
    const roundings = this.#roundings;
    let peak = 0;
    let levels = 0;
    let line = 0;
    for (let band = 0; band < layout.bandCount; band++) {
      const end = layout.offsets[band + 1] as number;
      const width = end - line;
      let energy = QUIET_LINE * width;
      for (; line < end; line++) {
        const value = spectrum[line] as number;
        const magnitude = Math.abs(value);
        const power = Math.sqrt(magnitude * Math.sqrt(magnitude));
        powers[line] = value < 0 ? -power : power;
        roundings[line] = value < 0 ? -ROUNDING : ROUNDING;
        energy += value * value;
        if (power > peak) peak = power;
      }
      levels += width * Math.log2(energy / width);
    }
    this.level = (SCALE_FACTORS_PER_OCTAVE * levels) / line;
    this.smallestScaleFactor = Math.ceil(UNIT_SCALE_FACTOR + (16 / 3) * Math.log2(peak / LARGEST_VALUE));
  }

  /** Fills `values`, `largest` and `codedLineCount`. */
  quantize(layout: FrameLayout, scaleFactor: number): void {
    const { values, largest } = this;
    const powers = this.#powers;
    const roundings = this.#roundings;
    const gain = GAINS[scaleFactor] as number;
    let line = 0;
    let codedLineCount = 0;
    for (let band = 0; band < layout.bandCount; band++) {
      const end = layout.offsets[band + 1] as number;
      let peak = 0;
      for (; line < end; line++) {
        const value = ((powers[line] as number) * gain + (roundings[line] as number)) | 0;
        values[line] = value;
        const magnitude = Math.abs(value);
        if (magnitude > 0) codedLineCount++;
        if (magnitude > peak) peak = magnitude;
      }
      largest[band] = peak;
    }
    this.codedLineCount = codedLineCount;
  }
}
