import type { BitWriter } from "../../bytes/bit-writer.ts";
import { SCALE_FACTOR_CODEWORDS } from "./codewords.ts";

/** The index of a difference of 0, ISO/IEC 14496-3 4.6.2.3.2. */
const INDEX_OF_EQUAL = 60;
const LENGTHS = Uint8Array.from(SCALE_FACTOR_CODEWORDS.lengths);
const CODEWORDS = Int32Array.from(SCALE_FACTOR_CODEWORDS.codewords);

// Indices below are within the arrays, hence `as number`.

/** Bits of scale_factor_data: the difference of each coded band from the one before. */
export function countScaleFactors(scaleFactors: Int32Array, books: Uint8Array, bandCount: number): number {
  let last = globalGain(scaleFactors, books, bandCount);
  let bits = 0;
  for (let band = 0; band < bandCount; band++) {
    if (books[band] === 0) continue;
    const scaleFactor = scaleFactors[band] as number;
    bits += LENGTHS[scaleFactor - last + INDEX_OF_EQUAL] as number;
    last = scaleFactor;
  }
  return bits;
}

export function writeScaleFactors(
  bits: BitWriter,
  scaleFactors: Int32Array,
  books: Uint8Array,
  bandCount: number,
): void {
  let last = globalGain(scaleFactors, books, bandCount);
  for (let band = 0; band < bandCount; band++) {
    if (books[band] === 0) continue;
    const scaleFactor = scaleFactors[band] as number;
    const index = scaleFactor - last + INDEX_OF_EQUAL;
    bits.write(CODEWORDS[index] as number, LENGTHS[index] as number);
    last = scaleFactor;
  }
}

/** The first coded band's scale factor, from which the differences begin; any in a frame of zeros. */
export function globalGain(scaleFactors: Int32Array, books: Uint8Array, bandCount: number): number {
  for (let band = 0; band < bandCount; band++) {
    if (books[band] !== 0) return scaleFactors[band] as number;
  }
  return 100;
}
