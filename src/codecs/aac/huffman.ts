import type { BitReader } from "../../bytes/bit-reader.ts";
import { type CodewordTable, SCALE_FACTOR_CODEWORDS, SPECTRUM_CODEWORDS } from "./codewords.ts";

/**
 * A prefix code as a table for lookups with the next FIRST_BITS bits. An entry of 0 or more is `value << 5 | length`. A
 * negative one is the complement of `offset << 5 | count`: the entry lies at `offset` plus the `count` bits that follow.
 */
export type Lookup = Int32Array;
export const FIRST_BITS = 9;

type Code = { readonly codeword: number; readonly length: number; readonly value: number };

/** Parameters of the spectral codebooks 1 to 11, table 4.151. */
const SPECTRUM_BOOKS = [
  { size: 4, largest: 1, signed: true },
  { size: 4, largest: 1, signed: true },
  { size: 4, largest: 2, signed: false },
  { size: 4, largest: 2, signed: false },
  { size: 2, largest: 4, signed: true },
  { size: 2, largest: 4, signed: true },
  { size: 2, largest: 7, signed: false },
  { size: 2, largest: 7, signed: false },
  { size: 2, largest: 12, signed: false },
  { size: 2, largest: 12, signed: false },
  { size: 2, largest: 16, signed: false },
] as const;
type SpectrumBook = (typeof SPECTRUM_BOOKS)[number];

/** A value of a tuple takes so many bits in an entry, the first one the lowest, and is stored with this added. */
export const QUAD_BITS = 3;
export const QUAD_BIAS = 2;
export const PAIR_BITS = 6;
export const PAIR_BIAS = 16;

/** By codebook number; 0 has none. Sign bits are part of the codes, so that one lookup gives a tuple of signed values. */
export const SPECTRUM_LOOKUPS: readonly Lookup[] = [
  new Int32Array(0),
  ...SPECTRUM_BOOKS.map((book, i) => buildLookup(listSpectrumCodes(book, SPECTRUM_CODEWORDS[i]))),
];

const SCALE_FACTOR_LOOKUP = buildLookup(
  SCALE_FACTOR_CODEWORDS.lengths.map((length, value) => ({
    codeword: SCALE_FACTOR_CODEWORDS.codewords[value] ?? 0,
    length,
    value,
  })),
);

/** The difference to the scale factor before, -60 to 60. */
export function readScaleFactorStep(reader: BitReader): number {
  const bits = reader.peek32();
  let entry = SCALE_FACTOR_LOOKUP[bits >>> (32 - FIRST_BITS)] ?? 0;
  if (entry < 0) entry = followLink(SCALE_FACTOR_LOOKUP, entry, bits);
  reader.position += entry & 31;
  return (entry >> 5) - 60;
}

/** The entry that a negative one stands for; `bits` are the 32 bits from the code's first on. */
export function followLink(lookup: Lookup, link: number, bits: number): number {
  const place = ~link;
  return lookup[(place >> 5) + ((bits << FIRST_BITS) >>> (32 - (place & 31)))] ?? 0;
}

function listSpectrumCodes(book: SpectrumBook, table: CodewordTable | undefined): Code[] {
  const codes: Code[] = [];
  for (const [index, length] of (table?.lengths ?? []).entries()) {
    const values = listValues(book, index);
    // After the codeword comes a sign bit for each value that is not 0.
    const signCount = book.signed ? 0 : values.filter((value) => value !== 0).length;
    const codeword = (table?.codewords[index] ?? 0) << signCount;
    for (let signs = 0; signs < 1 << signCount; signs++) {
      const value = packTuple(values, signs, signCount);
      codes.push({ codeword: codeword | signs, length: length + signCount, value });
    }
  }
  return codes;
}

/** The tuple of an index, 4.6.3.3. */
function listValues({ size, largest, signed }: SpectrumBook, index: number): number[] {
  const base = signed ? 2 * largest + 1 : largest + 1;
  const values: number[] = [];
  let rest = index;
  for (let i = 0; i < size; i++) {
    values.unshift((rest % base) - (signed ? largest : 0));
    rest = Math.floor(rest / base);
  }
  return values;
}

/** A tuple as in an entry; of `signs` the highest bit is the first value's that is not 0, and 1 means negative. */
function packTuple(values: readonly number[], signs: number, signCount: number): number {
  const isQuad = values.length === 4;
  const bits = isQuad ? QUAD_BITS : PAIR_BITS;
  const bias = isQuad ? QUAD_BIAS : PAIR_BIAS;
  let packed = 0;
  let signsLeft = signCount;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const isNegative = signsLeft > 0 && value !== 0 && ((signs >> --signsLeft) & 1) === 1;
    packed |= ((isNegative ? -value : value) + bias) << (bits * i);
  }
  return packed;
}

function buildLookup(codes: readonly Code[]): Lookup {
  const table: number[] = new Array(1 << FIRST_BITS).fill(0);
  const longest = new Map<number, number>();
  for (const { codeword, length } of codes) {
    if (length <= FIRST_BITS) continue;
    const prefix = codeword >> (length - FIRST_BITS);
    longest.set(prefix, Math.max(longest.get(prefix) ?? 0, length - FIRST_BITS));
  }
  for (const [prefix, count] of longest) {
    table[prefix] = ~((table.length << 5) | count);
    for (let i = 0; i < 1 << count; i++) table.push(0);
  }
  for (const code of codes) fillEntries(table, code);
  return Int32Array.from(table);
}

/** Every place whose index begins with the codeword. */
function fillEntries(table: number[], { codeword, length, value }: Code): void {
  let offset = 0;
  let freeBits = FIRST_BITS - length;
  let index = codeword;
  if (freeBits < 0) {
    const place = ~(table[codeword >> -freeBits] ?? 0);
    offset = place >> 5;
    index = codeword & ((1 << -freeBits) - 1);
    freeBits += place & 31;
  }
  const first = offset + (index << freeBits);
  table.fill((value << 5) | length, first, first + (1 << freeBits));
}
