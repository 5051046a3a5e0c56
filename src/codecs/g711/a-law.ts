import { compress, expand, tabulate } from "./companding.ts";

/** ITU-T G.711, 3.1: even bits are inverted on the line. */
const INVERTED = 0x55;
/** Set in positive samples. */
const SIGN = 0x80;

const A_LAW = tabulate(decodeCode, encodeSample, 12);

/** A sample of ±1.0 for each byte; `samples` must be as long as `bytes`. */
export function decodeALaw(bytes: Uint8Array, samples: Float32Array): void {
  expand(A_LAW, bytes, samples);
}

/** A byte for each sample, which is clipped to ±1.0; `bytes` must be as long as `samples`. */
export function encodeALaw(samples: Float32Array, bytes: Uint8Array): void {
  compress(A_LAW, samples, bytes);
}

/** Table 1a: the middle of each interval, in 16 bits. */
function decodeCode(code: number): number {
  const bits = code ^ INVERTED;
  const segment = (bits >> 4) & 7;
  const middle = ((bits & 15) << 4) + 8;
  const magnitude = segment === 0 ? middle : (middle + 0x100) << (segment - 1);
  return bits & SIGN ? magnitude : -magnitude;
}

/** From 12 bits, negative ones in ones' complement, so that 0 and -1 are alike. */
function encodeSample(sample: number): number {
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = Math.max(28 - Math.clz32(magnitude), 0);
  const mantissa = (magnitude >> Math.max(segment - 1, 0)) & 15;
  return ((sample < 0 ? 0 : SIGN) | (segment << 4) | mantissa) ^ INVERTED;
}
