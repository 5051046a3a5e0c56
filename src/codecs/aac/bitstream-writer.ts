import type { BitWriter } from "../../bytes/bit-writer.ts";
import type { ForwardTns } from "./forward-tns.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { SCALE_FACTOR_BITS, sectionLength, sectionLengthBits } from "./sectioning.ts";
import { CODEBOOKS, type Codebook, ESCAPE_VALUE, escapeLength } from "./spectrum-bits.ts";
import { SINE } from "./window.ts";
import { EIGHT_SHORT } from "./window-info.ts";

const ID_SCE = 0;
const ID_END = 7;
/** hcod_sf of a scale factor that does not differ from the one before, or from global_gain: table 4.A.1. */
const EQUAL_SCALE_FACTOR = 0;

/** What one frame says. */
export type CodedFrame = {
  readonly layout: FrameLayout;
  /** Of all bands. */
  scaleFactor: number;
  readonly books: Uint8Array;
  readonly values: Int32Array;
  readonly tns: ForwardTns;
};

/** Bits of all that does not depend on the sound: element and channel heads, flags and end. */
export function countFrameHead(layout: FrameLayout): number {
  return 3 + 4 + 8 + (layout.sequence === EIGHT_SHORT ? 15 : 11) + 3 + 3;
}

/** A raw_data_block with one single_channel_element, ISO/IEC 14496-3 4.4.2.1. Indices are within the arrays, hence `as number`. */
export function writeFrame(bits: BitWriter, { layout, scaleFactor, books, values, tns }: CodedFrame): void {
  bits.write(ID_SCE, 3);
  bits.write(0, 4); // element_instance_tag
  bits.write(scaleFactor, 8); // global_gain
  writeIcsInfo(bits, layout);
  writeSections(bits, layout, books);
  for (let band = 0; band < layout.bandCount; band++)
    if (books[band] !== 0) bits.write(EQUAL_SCALE_FACTOR, SCALE_FACTOR_BITS);
  bits.write(0, 1); // pulse_data_present
  bits.write(tns.order > 0 ? 1 : 0, 1);
  if (tns.order > 0) tns.write(bits);
  bits.write(0, 1); // gain_control_data_present
  for (let band = 0; band < layout.bandCount; band++) {
    const book = books[band] as number;
    if (book > 0)
      writeBand(bits, book, values, layout.offsets[band] as number, layout.offsets[band + 1] as number);
  }
  bits.write(ID_END, 3);
}

function writeIcsInfo(bits: BitWriter, layout: FrameLayout): void {
  bits.write(0, 1); // ics_reserved_bit
  bits.write(layout.sequence, 2);
  bits.write(SINE, 1);
  if (layout.sequence === EIGHT_SHORT) {
    bits.write(layout.bandsPerGroup, 4);
    bits.write(layout.grouping, 7);
  } else {
    bits.write(layout.bandsPerGroup, 6);
    bits.write(0, 1); // predictor_data_present
  }
}

function writeSections(bits: BitWriter, layout: FrameLayout, books: Uint8Array): void {
  const lengthBits = sectionLengthBits(layout);
  const fullField = (1 << lengthBits) - 1;
  for (let band = 0; band < layout.bandCount; ) {
    bits.write(books[band] as number, 4);
    const length = sectionLength(layout, books, band);
    let rest = length;
    for (; rest >= fullField; rest -= fullField) bits.write(fullField, lengthBits);
    bits.write(rest, lengthBits);
    band += length;
  }
}

function writeBand(bits: BitWriter, number: number, values: Int32Array, from: number, to: number): void {
  const book = CODEBOOKS[number - 1] as Codebook;
  if (book.isSigned) writeSignedTuples(bits, book, values, from, to);
  else if (book.tupleSize === 4) writeQuads(bits, book, values, from, to);
  else writePairs(bits, book, values, from, to);
}

function writeSignedTuples(
  bits: BitWriter,
  book: Codebook,
  values: Int32Array,
  from: number,
  to: number,
): void {
  const { tupleSize, largest, codewords, lengths } = book;
  const base = 2 * largest + 1;
  for (let line = from; line < to; ) {
    let index = 0;
    for (const end = line + tupleSize; line < end; line++)
      index = index * base + (values[line] as number) + largest;
    bits.write(codewords[index] as number, lengths[index] as number);
  }
}

function writeQuads(bits: BitWriter, book: Codebook, values: Int32Array, from: number, to: number): void {
  const { largest, codewords, lengths } = book;
  for (let line = from; line < to; ) {
    let index = 0;
    let signs = 0;
    for (const end = line + 4; line < end; line++) {
      const value = values[line] as number;
      index = index * (largest + 1) + Math.abs(value);
      if (value !== 0) signs = (signs << 1) | (value >>> 31);
    }
    bits.write((codewords[index] as number) | signs, lengths[index] as number);
  }
}

function writePairs(bits: BitWriter, book: Codebook, values: Int32Array, from: number, to: number): void {
  const { largest, codewords, lengths } = book;
  for (let line = from; line < to; line += 2) {
    const a = values[line] as number;
    const b = values[line + 1] as number;
    const sizeA = Math.abs(a);
    const sizeB = Math.abs(b);
    const index = Math.min(sizeA, largest) * (largest + 1) + Math.min(sizeB, largest);
    // A zero has no sign bit
    const signs = b === 0 ? a >>> 31 : a === 0 ? b >>> 31 : ((a >>> 31) << 1) | (b >>> 31);
    bits.write((codewords[index] as number) | signs, lengths[index] as number);
    if (largest === ESCAPE_VALUE) {
      writeEscape(bits, sizeA);
      writeEscape(bits, sizeB);
    }
  }
}

function writeEscape(bits: BitWriter, magnitude: number): void {
  if (magnitude < ESCAPE_VALUE) return;
  const length = escapeLength(magnitude);
  const valueBits = (length + 3) >> 1; // N + 4
  const ones = valueBits - 4;
  bits.write(((1 << ones) - 1) << 1, ones + 1);
  bits.write(magnitude - (1 << valueBits), valueBits);
}
