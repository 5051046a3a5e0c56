/**
 * The real and imaginary parts of complex numbers lie in two arrays of doubles: with single floats Bun 1.4 takes twice as
 * long. Indices below are within them, hence `as number`.
 */
export type Reals = Float64Array;

/**
 * Complex FFT of a power of two from 16 on, in place and without allocation:
 * X[k] = Σ x[n]·exp(-2πi·n·k/size), not scaled. Decimation in time: a first pass of 4 or 8 points, then radix 4.
 */
export class Fft {
  /** Where `transform` wants x[n]: at `order[n]`. Whoever fills the arrays puts it there at no cost. */
  readonly order: Uint16Array;
  /** For each radix-4 pass and each of its twiddle steps: re and im of w, w² and w³. */
  readonly #twiddles: Reals;

  constructor(readonly size: number) {
    this.order = new Uint16Array(size);
    for (let n = 0; n < size; n++) this.order[n] = placeOf(n, size);
    this.#twiddles = makeTwiddles(size);
  }

  /** From x[n] at `order[n]` to X[k] at k. Both arrays have `size` elements at least. */
  transform(re: Reals, im: Reals): void {
    const { size } = this;
    const first = firstRadix(size);
    if (first === 8) transformEights(re, im, size);
    else transformFours(re, im, size);
    let at = 0;
    for (let quarter = first; quarter < size; quarter *= 4) {
      combineFours(re, im, size, quarter, this.#twiddles, at);
      at += 6 * quarter;
    }
  }
}

/** 8 where the size is an odd power of two, so that radix 4 does the rest. */
function firstRadix(size: number): 4 | 8 {
  return Math.log2(size) % 2 === 1 ? 8 : 4;
}

function placeOf(n: number, size: number): number {
  if (size <= 8) return n;
  return (n % 4) * (size / 4) + placeOf(Math.floor(n / 4), size / 4);
}

function makeTwiddles(size: number): Reals {
  const twiddles: number[] = [];
  for (let quarter: number = firstRadix(size); quarter < size; quarter *= 4) {
    for (let j = 0; j < quarter; j++) {
      for (let power = 1; power <= 3; power++) {
        const angle = (-2 * Math.PI * j * power) / (4 * quarter);
        twiddles.push(Math.cos(angle), Math.sin(angle));
      }
    }
  }
  return Float64Array.from(twiddles);
}

/** 4-point transforms of each four neighbours. */
function transformFours(re: Reals, im: Reals, size: number): void {
  for (let i = 0; i < size; i += 4) {
    const r0 = re[i] as number;
    const r1 = re[i + 1] as number;
    const r2 = re[i + 2] as number;
    const r3 = re[i + 3] as number;
    const i0 = im[i] as number;
    const i1 = im[i + 1] as number;
    const i2 = im[i + 2] as number;
    const i3 = im[i + 3] as number;
    const evenR = r0 + r2;
    const evenI = i0 + i2;
    const oddR = r1 + r3;
    const oddI = i1 + i3;
    const evenDiffR = r0 - r2;
    const evenDiffI = i0 - i2;
    const oddDiffR = r1 - r3;
    const oddDiffI = i1 - i3;
    re[i] = evenR + oddR;
    im[i] = evenI + oddI;
    re[i + 1] = evenDiffR + oddDiffI;
    im[i + 1] = evenDiffI - oddDiffR;
    re[i + 2] = evenR - oddR;
    im[i + 2] = evenI - oddI;
    re[i + 3] = evenDiffR - oddDiffI;
    im[i + 3] = evenDiffI + oddDiffR;
  }
}

/** 8-point transforms of each eight neighbours: 4 points of the even and of the odd ones, joined by radix 2. */
function transformEights(re: Reals, im: Reals, size: number): void {
  for (let i = 0; i < size; i += 8) {
    const e0r = (re[i] as number) + (re[i + 4] as number);
    const e0i = (im[i] as number) + (im[i + 4] as number);
    const e1r = (re[i] as number) - (re[i + 4] as number);
    const e1i = (im[i] as number) - (im[i + 4] as number);
    const e2r = (re[i + 2] as number) + (re[i + 6] as number);
    const e2i = (im[i + 2] as number) + (im[i + 6] as number);
    const e3r = (re[i + 2] as number) - (re[i + 6] as number);
    const e3i = (im[i + 2] as number) - (im[i + 6] as number);
    const o0r = (re[i + 1] as number) + (re[i + 5] as number);
    const o0i = (im[i + 1] as number) + (im[i + 5] as number);
    const o1r = (re[i + 1] as number) - (re[i + 5] as number);
    const o1i = (im[i + 1] as number) - (im[i + 5] as number);
    const o2r = (re[i + 3] as number) + (re[i + 7] as number);
    const o2i = (im[i + 3] as number) + (im[i + 7] as number);
    const o3r = (re[i + 3] as number) - (re[i + 7] as number);
    const o3i = (im[i + 3] as number) - (im[i + 7] as number);
    joinPair(re, im, i, e0r + e2r, e0i + e2i, o0r + o2r, o0i + o2i);
    const o5r = o1r + o3i;
    const o5i = o1i - o3r;
    joinPair(re, im, i + 1, e1r + e3i, e1i - e3r, (o5r + o5i) * Math.SQRT1_2, (o5i - o5r) * Math.SQRT1_2);
    joinPair(re, im, i + 2, e0r - e2r, e0i - e2i, o0i - o2i, o2r - o0r);
    const o7r = o1r - o3i;
    const o7i = o1i + o3r;
    joinPair(re, im, i + 3, e1r - e3i, e1i + e3r, (o7i - o7r) * Math.SQRT1_2, -(o7r + o7i) * Math.SQRT1_2);
  }
}

/** even + odd to place i, even - odd four places on. */
function joinPair(re: Reals, im: Reals, i: number, er: number, ei: number, or: number, oi: number): void {
  re[i] = er + or;
  im[i] = ei + oi;
  re[i + 4] = er - or;
  im[i + 4] = ei - oi;
}

/** Makes transforms of 4·quarter points of four of quarter points each. */
function combineFours(
  re: Reals,
  im: Reals,
  size: number,
  quarter: number,
  twiddles: Reals,
  at: number,
): void {
  const step = 4 * quarter;
  for (let start = 0; start < size; start += step) {
    let t = at;
    for (let i = start; i < start + quarter; i++, t += 6) {
      const j1 = i + quarter;
      const j2 = j1 + quarter;
      const j3 = j2 + quarter;
      const x1 = re[j1] as number;
      const y1 = im[j1] as number;
      const x2 = re[j2] as number;
      const y2 = im[j2] as number;
      const x3 = re[j3] as number;
      const y3 = im[j3] as number;
      const w1r = twiddles[t] as number;
      const w1i = twiddles[t + 1] as number;
      const w2r = twiddles[t + 2] as number;
      const w2i = twiddles[t + 3] as number;
      const w3r = twiddles[t + 4] as number;
      const w3i = twiddles[t + 5] as number;
      const r1 = x1 * w1r - y1 * w1i;
      const i1 = x1 * w1i + y1 * w1r;
      const r2 = x2 * w2r - y2 * w2i;
      const i2 = x2 * w2i + y2 * w2r;
      const r3 = x3 * w3r - y3 * w3i;
      const i3 = x3 * w3i + y3 * w3r;
      const evenR = (re[i] as number) + r2;
      const evenI = (im[i] as number) + i2;
      const evenDiffR = (re[i] as number) - r2;
      const evenDiffI = (im[i] as number) - i2;
      const oddR = r1 + r3;
      const oddI = i1 + i3;
      const oddDiffR = r1 - r3;
      const oddDiffI = i1 - i3;
      re[i] = evenR + oddR;
      im[i] = evenI + oddI;
      re[j1] = evenDiffR + oddDiffI;
      im[j1] = evenDiffI - oddDiffR;
      re[j2] = evenR - oddR;
      im[j2] = evenI - oddI;
      re[j3] = evenDiffR - oddDiffI;
      im[j3] = evenDiffI + oddDiffR;
    }
  }
}
