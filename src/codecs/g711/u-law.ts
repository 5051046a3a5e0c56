import { compress, expand, tabulate } from "./companding.ts";

/** ITU-T G.711, 3.2: all bits are inverted on the line. */
const INVERTED = 0xff;
/** Set in negative samples before the inversion. */
const SIGN = 0x80;
/** Moves the first segment to where the others double; in 14 bits. */
const BIAS = 33;
const MAX_BIASED = 0x1fff;

const U_LAW = tabulate(decodeCode, encodeSample, 14);

/** A sample of ±1.0 for each byte; `samples` must be as long as `bytes`. */
export function decodeULaw(bytes: Uint8Array, samples: Float32Array): void {
  expand(U_LAW, bytes, samples);
}

/** A byte for each sample, which is clipped to ±1.0; `bytes` must be as long as `samples`. */
export function encodeULaw(samples: Float32Array, bytes: Uint8Array): void {
  compress(U_LAW, samples, bytes);
}

/** Table 2a: the middle of each interval, in 16 bits. */
function decodeCode(code: number): number {
  const bits = code ^ INVERTED;
  const segment = (bits >> 4) & 7;
  const magnitude = ((((bits & 15) << 1) + BIAS) << segment) - BIAS;
  return 4 * (bits & SIGN ? -magnitude : magnitude);
}

/** From 14 bits, negative ones in ones' complement, so that 0 and -1 are alike. */
function encodeSample(sample: number): number {
  const biased = Math.min((sample < 0 ? ~sample : sample) + BIAS, MAX_BIASED);
  const segment = 26 - Math.clz32(biased);
  const mantissa = (biased >> (segment + 1)) & 15;
  return ((sample < 0 ? SIGN : 0) | (segment << 4) | mantissa) ^ INVERTED;
}
