import { Fft, type Reals } from "./fft.ts";

/**
 * Inverse MDCT of `length` lines, ISO/IEC 14496-3 4.6.11.3.1, of which only the middle half is computed; it holds the rest:
 * the first quarter is the second one mirrored and negated, the last quarter the third one mirrored.
 * Done as a DCT-IV by a complex FFT of half as many points. Indices are within the arrays, hence `as number`.
 */
export class Imdct {
  readonly #fft: Fft;
  readonly #re: Reals;
  readonly #im: Reals;
  /** exp(-iπ(8n+1)/(8·length)) before and after the FFT, cosine and sine in turn; the latter scaled. */
  readonly #before: Reals;
  readonly #after: Reals;

  /** `scale` is the factor before the sum over the spectrum. */
  constructor(
    readonly length: number,
    scale: number,
  ) {
    const half = length / 2;
    this.#fft = new Fft(half);
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
    this.#before = makeTwiddles(length, 1);
    this.#after = makeTwiddles(length, scale);
  }

  /** Writes samples length/2 to 3·length/2 (not windowed) from the lines at `spectrum[from]` to `out[at]` on. */
  transform(spectrum: Reals, from: number, out: Reals, at: number): void {
    const re = this.#re;
    const im = this.#im;
    const before = this.#before;
    const after = this.#after;
    const order = this.#fft.order;
    const half = this.length >> 1;
    let up = from;
    let down = from + this.length - 1;
    for (let n = 0, t = 0; n < half; n++, t += 2, up += 2, down -= 2) {
      const a = spectrum[up] as number;
      const b = spectrum[down] as number;
      const c = before[t] as number;
      const s = before[t + 1] as number;
      const place = order[n] as number;
      re[place] = a * c - b * s;
      im[place] = a * s + b * c;
    }
    this.#fft.transform(re, im);
    let low = at;
    let high = at + this.length - 1;
    for (let k = 0, t = 0; k < half; k++, t += 2, low += 2, high -= 2) {
      const a = re[k] as number;
      const b = im[k] as number;
      const c = after[t] as number;
      const s = after[t + 1] as number;
      out[low] = a * s + b * c;
      out[high] = b * s - a * c;
    }
  }
}

function makeTwiddles(length: number, scale: number): Reals {
  return Float64Array.from({ length }, (_, i) => {
    const angle = (-Math.PI * (8 * (i >> 1) + 1)) / (8 * length);
    return scale * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
}
