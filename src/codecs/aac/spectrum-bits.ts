import { type CodewordTable, SPECTRUM_CODEWORDS } from "./codewords.ts";

/** A spectral codebook as ISO/IEC 14496-3 table 4.95 describes it. */
export type Codebook = {
  readonly tupleSize: 2 | 4;
  readonly isSigned: boolean;
  readonly largest: number;
  /** Codewords with the sign bits' places left free at the end, and lengths with them. */
  readonly codewords: Int32Array;
  readonly lengths: Uint8Array;
};

const ESCAPE_BOOK = 11;
/** From here on a value of book 11 is written with an escape sequence. */
export const ESCAPE_VALUE = 16;
/** quant_escape has 13 bits at most, 4.6.1.3. */
export const LARGEST_VALUE = 8191;

const SHAPES: readonly (readonly [tupleSize: 2 | 4, isSigned: boolean, largest: number])[] = [
  [4, true, 1],
  [4, true, 1],
  [4, false, 2],
  [4, false, 2],
  [2, true, 4],
  [2, true, 4],
  [2, false, 7],
  [2, false, 7],
  [2, false, 12],
  [2, false, 12],
  [2, false, 16],
];

/** By number less 1. */
export const CODEBOOKS: readonly Codebook[] = SPECTRUM_CODEWORDS.map((table, i) =>
  describeBook(table, ...(SHAPES[i] ?? [2, false, 0])),
);

function describeBook(table: CodewordTable, tupleSize: 2 | 4, isSigned: boolean, largest: number): Codebook {
  const signCounts = table.lengths.map((_, index) =>
    isSigned ? 0 : countNonZero(index, tupleSize, largest + 1),
  );
  return {
    tupleSize,
    isSigned,
    largest,
    codewords: Int32Array.from(table.codewords, (codeword, i) => codeword << (signCounts[i] ?? 0)),
    lengths: Uint8Array.from(table.lengths, (length, i) => length + (signCounts[i] ?? 0)),
  };
}

function countNonZero(index: number, tupleSize: number, base: number): number {
  let count = 0;
  for (let i = 0, rest = index; i < tupleSize; i++, rest = Math.floor(rest / base))
    if (rest % base > 0) count++;
  return count;
}

/** The lengths of two books of one shape: the first one's in the lower 16 bits, the second one's above. */
function joinLengths(first: number): Int32Array {
  const a = CODEBOOKS[first - 1]?.lengths ?? new Uint8Array(0);
  const b = CODEBOOKS[first]?.lengths ?? new Uint8Array(0);
  return Int32Array.from(a, (length, i) => length | ((b[i] ?? 0) << 16));
}

const BOOKS_1_2 = joinLengths(1);
const BOOKS_3_4 = joinLengths(3);
const BOOKS_5_6 = joinLengths(5);
const BOOKS_7_8 = joinLengths(7);
const BOOKS_9_10 = joinLengths(9);
const BOOK_11 = CODEBOOKS[ESCAPE_BOOK - 1]?.lengths ?? new Uint8Array(0);

// Indices below are within values and tables as long as the values keep to the books' limits, hence `as number`.

export function countBooks1And2(values: Int32Array, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i += 4) {
    const a = 27 * (values[i] as number) + 9 * (values[i + 1] as number);
    bits += BOOKS_1_2[40 + a + 3 * (values[i + 2] as number) + (values[i + 3] as number)] as number;
  }
  return bits;
}

export function countBooks3And4(values: Int32Array, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i += 4) {
    const a = 27 * Math.abs(values[i] as number) + 9 * Math.abs(values[i + 1] as number);
    const b = 3 * Math.abs(values[i + 2] as number) + Math.abs(values[i + 3] as number);
    bits += BOOKS_3_4[a + b] as number;
  }
  return bits;
}

export function countBooks5And6(values: Int32Array, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i += 2)
    bits += BOOKS_5_6[40 + 9 * (values[i] as number) + (values[i + 1] as number)] as number;
  return bits;
}

export function countBooks7And8(values: Int32Array, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i += 2)
    bits += BOOKS_7_8[8 * Math.abs(values[i] as number) + Math.abs(values[i + 1] as number)] as number;
  return bits;
}

export function countBooks9And10(values: Int32Array, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i += 2)
    bits += BOOKS_9_10[13 * Math.abs(values[i] as number) + Math.abs(values[i + 1] as number)] as number;
  return bits;
}

export function countBook11(values: Int32Array, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i += 2) {
    let a = Math.abs(values[i] as number);
    let b = Math.abs(values[i + 1] as number);
    if (a >= ESCAPE_VALUE) {
      bits += escapeLength(a);
      a = ESCAPE_VALUE;
    }
    if (b >= ESCAPE_VALUE) {
      bits += escapeLength(b);
      b = ESCAPE_VALUE;
    }
    bits += BOOK_11[17 * a + b] as number;
  }
  return bits;
}

/** Bits of an escape sequence, 4.6.3.3: N ones, a zero and N + 4 bits for a value from 2^(N+4) on. */
export function escapeLength(value: number): number {
  return 2 * (31 - Math.clz32(value)) - 3;
}
