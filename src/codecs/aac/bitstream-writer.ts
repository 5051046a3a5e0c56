import type { BitWriter } from "../../bytes/bit-writer.ts";
import type { ForwardTns } from "./forward-tns.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { globalGain, writeScaleFactors } from "./scale-factors.ts";
import { sectionLength, sectionLengthBits } from "./sectioning.ts";
import { CODEBOOKS, type Codebook, ESCAPE_BOOK, ESCAPE_VALUE, escapeLength } from "./spectrum-bits.ts";
import { SINE } from "./window.ts";
import { EIGHT_SHORT } from "./window-info.ts";

const ID_SCE = 0;
const ID_END = 7;

/** What one frame says. */
export type CodedFrame = {
  readonly layout: FrameLayout;
  readonly scaleFactors: Int32Array;
  readonly books: Uint8Array;
  readonly values: Int32Array;
  readonly tns: ForwardTns;
};

/** Bits of all that does not depend on the sound: element and channel heads, flags and end. */
export function countFrameHead(layout: FrameLayout): number {
  return 3 + 4 + 8 + (layout.sequence === EIGHT_SHORT ? 15 : 11) + 3 + 3;
}

/** A raw_data_block with one single_channel_element, ISO/IEC 14496-3 4.4.2.1. Indices are within the arrays, hence `as number`. */
export function writeFrame(bits: BitWriter, { layout, scaleFactors, books, values, tns }: CodedFrame): void {
  bits.write(ID_SCE, 3);
  bits.write(0, 4); // element_instance_tag
  bits.write(globalGain(scaleFactors, books, layout.bandCount), 8);
  writeIcsInfo(bits, layout);
  writeSections(bits, layout, books);
  writeScaleFactors(bits, scaleFactors, books, layout.bandCount);
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
  for (let line = from; line < to; line += book.tupleSize) {
    if (book.isSigned) writeSignedTuple(bits, book, values, line);
    else writeTuple(bits, book, values, line);
    if (number === ESCAPE_BOOK) {
      writeEscape(bits, Math.abs(values[line] as number));
      writeEscape(bits, Math.abs(values[line + 1] as number));
    }
  }
}

function writeSignedTuple(bits: BitWriter, book: Codebook, values: Int32Array, line: number): void {
  const base = 2 * book.largest + 1;
  let index = 0;
  for (let i = line; i < line + book.tupleSize; i++)
    index = index * base + (values[i] as number) + book.largest;
  bits.write(book.codewords[index] as number, book.lengths[index] as number);
}

function writeTuple(bits: BitWriter, book: Codebook, values: Int32Array, line: number): void {
  const { largest } = book;
  let index = 0;
  let signs = 0;
  for (let i = line; i < line + book.tupleSize; i++) {
    const value = values[i] as number;
    index = index * (largest + 1) + Math.min(Math.abs(value), largest);
    if (value !== 0) signs = (signs << 1) | (value < 0 ? 1 : 0);
  }
  bits.write((book.codewords[index] as number) | signs, book.lengths[index] as number);
}

function writeEscape(bits: BitWriter, magnitude: number): void {
  if (magnitude < ESCAPE_VALUE) return;
  const length = escapeLength(magnitude);
  const valueBits = (length + 3) >> 1; // N + 4
  const ones = valueBits - 4;
  bits.write(((1 << ones) - 1) << 1, ones + 1);
  bits.write(magnitude - (1 << valueBits), valueBits);
}
