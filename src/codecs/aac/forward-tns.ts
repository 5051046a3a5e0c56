import type { BitWriter } from "../../bytes/bit-writer.ts";
import type { Reals } from "./fft.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { stepUp } from "./tns.ts";
import { LONG_LENGTH } from "./window.ts";

/** AAC-LC allows 12, ISO/IEC 14496-3 4.6.9.4; here more than 6 cost more bits than they gained. */
const ORDER = 6;
const COEFFICIENT_BITS = 4;
/** Lines below are left alone: 375 Hz at a coded rate of 48 kHz. */
const FIRST_LINE = 16;
/** How much a filter must take off the spectrum's energy. */
const LEAST_GAIN = 2;
/** Added to a band's energy, so that bands without sound do not count like others. */
const QUIET_LINE = 1e3;

/**
 * Temporal noise shaping, 4.6.9: predicts each line from those below it, so that the decoder's filter gives the noise the
 * sound's own course in time. For one long window. Indices are within the arrays, hence `as number`.
 */
export class ForwardTns {
  /** Of the filter; 0 for none. */
  order = 0;
  readonly #indices = new Int32Array(ORDER);
  readonly #reflections: Reals = new Float64Array(ORDER);
  readonly #predictor: Reals = new Float64Array(ORDER);
  readonly #products: Reals = new Float64Array(ORDER + 1);
  readonly #flat: Reals = new Float64Array(LONG_LENGTH);

  constructor(readonly layout: FrameLayout) {}

  turnOff(): void {
    this.order = 0;
  }

  /** Filters the spectrum of a long window in place where that pays. */
  apply(spectrum: Reals): void {
    const { offsets, bandCount, tnsBands } = this.layout;
    const firstBand = offsets.indexOf(FIRST_LINE);
    const endBand = Math.min(bandCount, tnsBands);
    const from = offsets[firstBand] as number;
    const to = offsets[endBand] as number;
    this.#flatten(spectrum, firstBand, endBand);
    this.#correlate(from, to);
    if (this.#reflect() < LEAST_GAIN) return;
    this.#quantize();
    this.#predict(spectrum, from, to);
  }

  /** Leaves of each line what the ones below it did not foretell. */
  #predict(spectrum: Reals, from: number, to: number): void {
    stepUp(this.#reflections, this.order, this.#predictor, 0);
    for (let line = to - 1; line > from; line--) {
      const reach = Math.min(this.order, line - from);
      let sum = spectrum[line] as number;
      for (let i = 1; i <= reach; i++)
        sum += (this.#predictor[i - 1] as number) * (spectrum[line - i] as number);
      spectrum[line] = sum;
    }
  }

  /** Of tns_data. */
  countBits(): number {
    return this.order === 0 ? 0 : 2 + 1 + 6 + 5 + 2 + COEFFICIENT_BITS * this.order;
  }

  /** tns_data, 4.4.2.7. */
  write(bits: BitWriter): void {
    bits.write(1, 2); // n_filt
    bits.write(1, 1); // coef_res: 4 bits
    bits.write(this.layout.totalBands - this.layout.offsets.indexOf(FIRST_LINE), 6);
    bits.write(this.order, 5);
    bits.write(0, 2); // direction: upward; coef_compress
    for (let i = 0; i < this.order; i++) bits.write((this.#indices[i] as number) & 15, COEFFICIENT_BITS);
  }

  /** Gives all bands the same loudness. */
  #flatten(spectrum: Reals, firstBand: number, endBand: number): void {
    const { offsets } = this.layout;
    for (let band = firstBand; band < endBand; band++) {
      const from = offsets[band] as number;
      const to = offsets[band + 1] as number;
      let energy = QUIET_LINE;
      for (let line = from; line < to; line++) energy += (spectrum[line] as number) ** 2;
      const weight = Math.sqrt((to - from) / energy);
      for (let line = from; line < to; line++) this.#flat[line] = weight * (spectrum[line] as number);
    }
  }

  #correlate(from: number, to: number): void {
    const flat = this.#flat;
    for (let lag = 0; lag <= ORDER; lag++) {
      let sum = 0;
      for (let line = from + lag; line < to; line++)
        sum += (flat[line] as number) * (flat[line - lag] as number);
      this.#products[lag] = sum;
    }
  }

  /** Levinson and Durbin's: reflection coefficients; returns the prediction gain. */
  #reflect(): number {
    const products = this.#products;
    const predictor = this.#predictor;
    const energy = products[0] as number;
    let error = energy * (1 + 1e-9) + 1e-9;
    predictor.fill(0);
    for (let m = 0; m < ORDER; m++) {
      let sum = products[m + 1] as number;
      for (let i = 0; i < m; i++) sum += (predictor[i] as number) * (products[m - i] as number);
      const reflection = -sum / error;
      this.#reflections[m] = reflection;
      for (let i = 0, j = m - 1; i <= j; i++, j--) {
        const low = predictor[i] as number;
        const high = predictor[j] as number;
        predictor[i] = low + reflection * high;
        predictor[j] = high + reflection * low;
      }
      predictor[m] = reflection;
      error *= 1 - reflection * reflection;
    }
    return energy / error;
  }

  #quantize(): void {
    for (let i = 0; i < ORDER; i++) {
      const reflection = this.#reflections[i] as number;
      const step = reflection >= 0 ? Math.PI / 15 : Math.PI / 17;
      const index = Math.max(-8, Math.min(7, Math.round(Math.asin(reflection) / step)));
      this.#indices[i] = index;
      this.#reflections[i] = Math.sin(index * step);
      if (index !== 0) this.order = i + 1;
    }
  }
}
