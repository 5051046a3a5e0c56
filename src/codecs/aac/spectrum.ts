import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { type BandData, NOISE_BOOK, ZERO_BOOK } from "./band-data.ts";
import {
  FIRST_BITS,
  followLink,
  type Lookup,
  PAIR_BIAS,
  PAIR_BITS,
  QUAD_BIAS,
  QUAD_BITS,
  SPECTRUM_LOOKUPS,
} from "./huffman.ts";
import type { NoiseSource } from "./noise.ts";
import { SHORT_LENGTH } from "./window.ts";
import type { WindowInfo } from "./window-info.ts";

// Lines are within the spectrum, bits within the reader's words with their margin and values within the tables of powers,
// hence `as number`.

const FIRST_PAIR_BOOK = 5;
const ESCAPE_BOOK = 11;
/** A value of 16 stands for an escape sequence, ISO/IEC 14496-3 4.6.3.3: up to 8 ones, a zero and 4 bits more than ones. */
const ESCAPED = 16;
const MAX_ESCAPE_ONES = 8;

const QUAD_MASK = (1 << QUAD_BITS) - 1;
const PAIR_MASK = (1 << PAIR_BITS) - 1;

/** Dequantised values, 4.6.6: sign(q)·|q|^(4/3) of a tuple's value with its bias. */
const QUAD_POWERS = makePowers(QUAD_BIAS, QUAD_MASK + 1);
const PAIR_POWERS = makePowers(PAIR_BIAS, PAIR_MASK + 1);

function makePowers(bias: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (i - bias) * Math.cbrt(Math.abs(i - bias)));
}

/**
 * Reads spectral_data, 4.4.2.7, into `spectrum`: dequantised, scaled and, of short windows, one window after the other. It
 * must be zeros before. Of the last group, bands from the `lineLimit`-th line of a window on stay unread.
 */
export function readSpectrum(
  reader: BitReader,
  info: WindowInfo,
  bands: BandData,
  noise: NoiseSource,
  spectrum: Float64Array,
  lineLimit: number,
): void {
  const { bandCount, bandOffsets, groupCount, groupLengths } = info;
  let base = 0;
  let index = 0;
  for (let group = 0; group < groupCount; group++) {
    const windowCount = groupLengths[group] as number;
    const limit = group === groupCount - 1 ? lineLimit : Number.POSITIVE_INFINITY;
    for (let band = 0; band < bandCount; band++, index++) {
      const from = bandOffsets[band] as number;
      if (from >= limit) return;
      const book = bands.books[index] as number;
      if (book === ZERO_BOOK || book > NOISE_BOOK) continue;
      const gain = bands.gains[index] as number;
      const width = (bandOffsets[band + 1] as number) - from;
      readBand(reader, book, gain, noise, spectrum, base + from, width, windowCount);
    }
    base += windowCount * SHORT_LENGTH;
  }
}

/** One band in each of its group's windows. */
function readBand(
  reader: BitReader,
  book: number,
  gain: number,
  noise: NoiseSource,
  spectrum: Float64Array,
  from: number,
  width: number,
  windowCount: number,
): void {
  for (let window = 0; window < windowCount; window++) {
    const start = from + window * SHORT_LENGTH;
    const end = start + width;
    if (book === NOISE_BOOK) {
      noise.fill(spectrum, start, end, gain);
      continue;
    }
    const lookup = SPECTRUM_LOOKUPS[book] as Lookup; // 1 to 11
    if (book < FIRST_PAIR_BOOK) readQuads(reader, lookup, spectrum, start, end, gain);
    else if (book < ESCAPE_BOOK) readPairs(reader, lookup, spectrum, start, end, gain);
    else readEscapedPairs(reader, lookup, spectrum, start, end, gain);
    reader.checkOverrun();
  }
}

function readQuads(
  reader: BitReader,
  lookup: Lookup,
  spectrum: Float64Array,
  start: number,
  end: number,
  gain: number,
): void {
  const { words } = reader;
  let { position } = reader;
  for (let line = start; line < end; line += 4) {
    const at = position >> 5;
    const shift = position & 31;
    const bits = ((words[at] as number) << shift) | (((words[at + 1] as number) >>> 1) >>> (31 - shift));
    let entry = lookup[bits >>> (32 - FIRST_BITS)] as number;
    if (entry < 0) entry = followLink(lookup, entry, bits);
    position += entry & 31;
    const tuple = entry >> 5;
    spectrum[line] = (QUAD_POWERS[tuple & QUAD_MASK] as number) * gain;
    spectrum[line + 1] = (QUAD_POWERS[(tuple >> QUAD_BITS) & QUAD_MASK] as number) * gain;
    spectrum[line + 2] = (QUAD_POWERS[(tuple >> (2 * QUAD_BITS)) & QUAD_MASK] as number) * gain;
    spectrum[line + 3] = (QUAD_POWERS[tuple >> (3 * QUAD_BITS)] as number) * gain;
  }
  reader.position = position;
}

function readPairs(
  reader: BitReader,
  lookup: Lookup,
  spectrum: Float64Array,
  start: number,
  end: number,
  gain: number,
): void {
  const { words } = reader;
  let { position } = reader;
  for (let line = start; line < end; line += 2) {
    const at = position >> 5;
    const shift = position & 31;
    const bits = ((words[at] as number) << shift) | (((words[at + 1] as number) >>> 1) >>> (31 - shift));
    let entry = lookup[bits >>> (32 - FIRST_BITS)] as number;
    if (entry < 0) entry = followLink(lookup, entry, bits);
    position += entry & 31;
    const pair = entry >> 5;
    spectrum[line] = (PAIR_POWERS[pair & PAIR_MASK] as number) * gain;
    spectrum[line + 1] = (PAIR_POWERS[pair >> PAIR_BITS] as number) * gain;
  }
  reader.position = position;
}

function readEscapedPairs(
  reader: BitReader,
  lookup: Lookup,
  spectrum: Float64Array,
  start: number,
  end: number,
  gain: number,
): void {
  for (let line = start; line < end; line += 2) {
    const bits = reader.peek32();
    let entry = lookup[bits >>> (32 - FIRST_BITS)] as number;
    if (entry < 0) entry = followLink(lookup, entry, bits);
    reader.position += entry & 31;
    const first = ((entry >> 5) & PAIR_MASK) - PAIR_BIAS;
    const second = (entry >> (5 + PAIR_BITS)) - PAIR_BIAS;
    spectrum[line] = escapedPower(reader, first) * gain;
    spectrum[line + 1] = escapedPower(reader, second) * gain;
  }
}

/** The dequantised value of a tuple's value, after the escape sequence that may follow for it. */
function escapedPower(reader: BitReader, value: number): number {
  if (value === ESCAPED) return readEscape(reader);
  if (value === -ESCAPED) return -readEscape(reader);
  return PAIR_POWERS[value + PAIR_BIAS] as number;
}

function readEscape(reader: BitReader): number {
  const bits = reader.peek32();
  const ones = Math.clz32(~bits);
  if (ones > MAX_ESCAPE_ONES) {
    throw new AppError("peer", "aac.escape-too-long", { have: ones, limit: MAX_ESCAPE_ONES });
  }
  const count = ones + 4;
  reader.position += ones + 1 + count;
  const value = (1 << count) | ((bits << (ones + 1)) >>> (32 - count));
  return value * Math.cbrt(value);
}
