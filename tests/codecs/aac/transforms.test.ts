import { describe, expect, test } from "bun:test";
import { Fft } from "../../../src/codecs/aac/fft.ts";
import { Imdct } from "../../../src/codecs/aac/imdct.ts";
import {
  type Decimation,
  KAISER_BESSEL,
  LONG_LENGTH,
  SHORT_LENGTH,
  SINE,
  windowSlope,
} from "../../../src/codecs/aac/window.ts";

/** Numbers from -1 to 1 without any pattern that a transform could favour. */
function makeNoise(length: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

describe("the FFT", () => {
  test.each([16, 32, 64, 128, 256, 512])("of %d points is the discrete Fourier transform", (size) => {
    const noise = makeNoise(2 * size);
    const fft = new Fft(size);
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    for (const [n, place] of fft.order.entries()) {
      re[place] = noise[2 * n] ?? 0;
      im[place] = noise[2 * n + 1] ?? 0;
    }
    fft.transform(re, im);
    for (let k = 0; k < size; k++) {
      let sumR = 0;
      let sumI = 0;
      for (let n = 0; n < size; n++) {
        const angle = (-2 * Math.PI * ((n * k) % size)) / size;
        const a = noise[2 * n] ?? 0;
        const b = noise[2 * n + 1] ?? 0;
        sumR += a * Math.cos(angle) - b * Math.sin(angle);
        sumI += a * Math.sin(angle) + b * Math.cos(angle);
      }
      expect(re[k]).toBeCloseTo(sumR, 9);
      expect(im[k]).toBeCloseTo(sumI, 9);
    }
  });
});

describe("the inverse MDCT", () => {
  test.each([32, 64, 128, 256, 512, 1024])("of %d lines is the formula of the standard", (length) => {
    const lines = makeNoise(length + 3);
    const out = new Float64Array(length + 5);
    new Imdct(length, 1 / length).transform(lines, 3, out, 5);
    const n0 = length / 2 + 0.5;
    for (let i = 0; i < length; i += length > 256 ? 7 : 1) {
      const n = length / 2 + i;
      let sum = 0;
      for (let k = 0; k < length; k++) {
        sum += (lines[3 + k] ?? 0) * Math.cos((Math.PI / length) * (n + n0) * (k + 0.5));
      }
      expect(out[5 + i]).toBeCloseTo(sum / length, 9);
    }
  });
});

const SLOPES = ([SINE, KAISER_BESSEL] as const).flatMap((shape) =>
  ([LONG_LENGTH, SHORT_LENGTH] as const).flatMap((length) =>
    ([1, 2, 4] as const).map((decimation) => [shape, length, decimation] as const),
  ),
);

describe("a window's slope", () => {
  test.each(SLOPES)("of shape %d and %d samples, decimated by %d, rebuilds", (shape, length, decimation) => {
    const slope = windowSlope(shape, length, decimation);
    expect(slope.length).toBe(length / decimation);
    for (const [n, value] of slope.entries()) {
      expect(value ** 2 + (slope[slope.length - 1 - n] ?? 0) ** 2).toBeCloseTo(1, 12);
      expect(value).toBeGreaterThan(slope[n - 1] ?? 0);
    }
  });

  test.each([2, 4] as Decimation[])("decimated by %d follows the full one", (decimation) => {
    for (const shape of [SINE, KAISER_BESSEL] as const) {
      const full = windowSlope(shape, LONG_LENGTH);
      const coarse = windowSlope(shape, LONG_LENGTH, decimation);
      for (const [n, value] of coarse.entries()) {
        const middle = n * decimation + decimation / 2;
        expect(value).toBeCloseTo(((full[middle - 1] ?? 0) + (full[middle] ?? 0)) / 2, 4);
      }
    }
  });
});
