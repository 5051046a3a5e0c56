import { besselI0 } from "../bessel.ts";
import type { Reals } from "./fft.ts";

/** window_shape, ISO/IEC 14496-3 4.5.2.3.2. */
export type WindowShape = typeof SINE | typeof KAISER_BESSEL;
export const SINE = 0;
export const KAISER_BESSEL = 1;

/** The output's rate is the coded one divided by this. */
export type Decimation = 1 | 2 | 4;

/** Lines of a long and of a short window. */
export const LONG_LENGTH = 1024;
export const SHORT_LENGTH = 128;

/**
 * The rising half of a window of 2·`length` samples, 4.6.11.3.2: `length / decimation` factors, whose squares and those of
 * the half mirrored add up to 1. Decimated, it has the values at every second or fourth place between the samples.
 * All callers share one array for the same arguments and must not write to it.
 */
export function windowSlope(
  shape: WindowShape,
  length: typeof LONG_LENGTH | typeof SHORT_LENGTH,
  decimation: Decimation = 1,
): Reals {
  const key = `${shape} ${length} ${decimation}`;
  const known = slopes.get(key);
  if (known !== undefined) return known;
  const slope = shape === SINE ? makeSineSlope(length / decimation) : makeKaiserSlope(length, decimation);
  slopes.set(key, slope);
  return slope;
}

const slopes = new Map<string, Reals>();

function makeSineSlope(length: number): Reals {
  return Float64Array.from({ length }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / (2 * length)));
}

/** Kaiser-Bessel derived, 4.6.11.3.2: alpha 4 for long windows, 6 for short ones. */
function makeKaiserSlope(length: number, decimation: Decimation): Reals {
  const alpha = length === LONG_LENGTH ? 4 : 6;
  const sums = new Float64Array(length + 1);
  let sum = 0;
  for (let n = 0; n <= length; n++) {
    sum += besselI0(Math.PI * alpha * Math.sqrt(1 - ((2 * n) / length - 1) ** 2));
    sums[n] = sum;
  }
  const squareAt = (n: number): number => (sums[n] ?? 0) / sum;
  // Halfway between two samples: the mean of squares keeps squares and mirrored squares at a sum of 1.
  return Float64Array.from({ length: length / decimation }, (_, n) => {
    if (decimation === 1) return Math.sqrt(squareAt(n));
    const middle = n * decimation + decimation / 2;
    return Math.sqrt((squareAt(middle - 1) + squareAt(middle)) / 2);
  });
}
