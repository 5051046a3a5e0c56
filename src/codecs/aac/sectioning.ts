import type { FrameLayout } from "./frame-layout.ts";
import {
  countBook11,
  countBooks1And2,
  countBooks3And4,
  countBooks5And6,
  countBooks7And8,
  countBooks9And10,
} from "./spectrum-bits.ts";
import { EIGHT_SHORT, MAX_BANDS } from "./window-info.ts";

const BOOKS = 12;
const IMPOSSIBLE = 1 << 24;
/** Of each coded band, whose scale factor does not differ from global_gain: table 4.A.1. */
export const SCALE_FACTOR_BITS = 1;

/**
 * Chooses a codebook for each band so that sections and spectrum take the fewest bits: the cheapest path through bands and
 * books, where a change of book costs a section's head. Indices are within the arrays, hence `as number`.
 */
export class Sectioning {
  /** Of each band; 0 where all its lines are 0. */
  readonly books = new Uint8Array(MAX_BANDS);
  /** By band and book: bits of the spectrum, and the book before this one on the cheapest path to here. */
  readonly #bits = new Int32Array(MAX_BANDS * BOOKS);
  readonly #previous = new Uint8Array(MAX_BANDS * BOOKS);
  readonly #path = new Int32Array(BOOKS);

  /** `largest` is the largest absolute value of each band. Returns the bits of section_data, scale_factor_data and spectral_data. */
  choose(layout: FrameLayout, values: Int32Array, largest: Int32Array): number {
    const { bandCount, bandsPerGroup, offsets } = layout;
    for (let band = 0; band < bandCount; band++) {
      const from = offsets[band] as number;
      const to = offsets[band + 1] as number;
      countBand(values, from, to, largest[band] as number, this.#bits, band * BOOKS);
    }
    const headLength = 4 + sectionLengthBits(layout);
    let best = 0;
    let cost = 0;
    for (let band = 0; band < bandCount; band++) {
      best = this.#step(band, best, cost, headLength, band % bandsPerGroup > 0);
      cost = this.#path[best] as number;
    }
    for (let band = bandCount - 1; band >= 0; band--) {
      this.books[band] = best;
      best = this.#previous[band * BOOKS + best] as number;
    }
    return cost + this.#countEscapes(layout);
  }

  /** One band onward from paths of which the cheapest ends with `best` at `cost`; returns the book where it ends now. */
  #step(band: number, best: number, cost: number, headLength: number, canGoOn: boolean): number {
    const path = this.#path;
    const at = band * BOOKS;
    let next = 0;
    let lowest = IMPOSSIBLE * 4;
    for (let book = 0; book < BOOKS; book++) {
      const bits = this.#bits[at + book] as number;
      const fresh = cost + headLength;
      const onward = path[book] as number;
      const goesOn = canGoOn && onward <= fresh;
      const total = Math.min(IMPOSSIBLE * 2, bits + (goesOn ? onward : fresh));
      this.#previous[at + book] = goesOn ? book : best;
      path[book] = total;
      if (total < lowest) {
        lowest = total;
        next = book;
      }
    }
    return next;
  }

  /** Long sections need more than one field for their length. */
  #countEscapes(layout: FrameLayout): number {
    const lengthBits = sectionLengthBits(layout);
    const fullField = (1 << lengthBits) - 1;
    let bits = 0;
    for (let band = 0; band < layout.bandCount; ) {
      const length = sectionLength(layout, this.books, band);
      bits += lengthBits * Math.floor(length / fullField);
      band += length;
    }
    return bits;
  }
}

/** Bits of sect_len_incr. */
export function sectionLengthBits(layout: FrameLayout): 3 | 5 {
  return layout.sequence === EIGHT_SHORT ? 3 : 5;
}

/** Bands from `band` on that have its book and lie in its group. */
export function sectionLength(layout: FrameLayout, books: Uint8Array, band: number): number {
  const end = band - (band % layout.bandsPerGroup) + layout.bandsPerGroup;
  let next = band + 1;
  while (next < end && books[next] === books[band]) next++;
  return next - band;
}

/** Fills in the bits of the books that come into question: the tightest two that can hold `largest`, and those above. */
function countBand(
  values: Int32Array,
  from: number,
  to: number,
  largest: number,
  bits: Int32Array,
  at: number,
): void {
  for (let book = 0; book < BOOKS; book++) bits[at + book] = IMPOSSIBLE;
  if (largest === 0) bits[at] = 0;
  if (largest <= 1) setPair(bits, at + 1, countBooks1And2(values, from, to));
  if (largest <= 2) setPair(bits, at + 3, countBooks3And4(values, from, to));
  if (largest <= 4) setPair(bits, at + 5, countBooks5And6(values, from, to));
  if (largest > 0 && largest <= 7) setPair(bits, at + 7, countBooks7And8(values, from, to));
  if (largest > 2 && largest <= 12) setPair(bits, at + 9, countBooks9And10(values, from, to));
  if (largest > 4) bits[at + 11] = SCALE_FACTOR_BITS + countBook11(values, from, to);
}

function setPair(bits: Int32Array, at: number, joined: number): void {
  bits[at] = SCALE_FACTOR_BITS + (joined & 0xffff);
  bits[at + 1] = SCALE_FACTOR_BITS + (joined >>> 16);
}
