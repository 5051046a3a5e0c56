import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { SHORT_LENGTH } from "./window.ts";
import type { WindowInfo } from "./window-info.ts";

/** The highest band that TNS reaches in AAC-LC, by samplingFrequencyIndex, of long and of short windows: 4.6.9.4. */
export const MAX_LONG_BANDS = [31, 31, 34, 40, 42, 51, 46, 46, 42, 42, 42, 39, 39];
const MAX_SHORT_BANDS = [9, 9, 10, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14];

/** TNS_MAX_ORDER of AAC-LC. */
const MAX_LONG_ORDER = 12;
const MAX_SHORT_ORDER = 7;
const MAX_FILTERS = 8 * 3;

/** Filters of all-pole with poles near the circle can blow up; no sound comes near this, and single floats hold it. */
const MAX_LINE = 2 ** 64;

/** Temporal noise shaping: tns_data, ISO/IEC 14496-3 4.4.2.7, and its filters, 4.6.9. */
export class TnsData {
  filterCount = 0;
  readonly #starts = new Uint16Array(MAX_FILTERS);
  readonly #ends = new Uint16Array(MAX_FILTERS);
  readonly #orders = new Uint8Array(MAX_FILTERS);
  readonly #downward = new Uint8Array(MAX_FILTERS);
  readonly #coefficients = new Float64Array(MAX_FILTERS * MAX_LONG_ORDER);
  readonly #reflections = new Float64Array(MAX_LONG_ORDER);
  readonly #maxLongBand: number;
  readonly #maxShortBand: number;

  constructor(rateIndex: number) {
    this.#maxLongBand = MAX_LONG_BANDS[rateIndex] ?? 0;
    this.#maxShortBand = MAX_SHORT_BANDS[rateIndex] ?? 0;
  }

  read(reader: BitReader, info: WindowInfo): void {
    this.filterCount = 0;
    const { isShort } = info;
    const windowCount = isShort ? 8 : 1;
    const topBand = info.bandOffsets.length - 1;
    for (let window = 0; window < windowCount; window++) {
      let count = reader.read(isShort ? 1 : 2);
      if (count === 0) continue;
      const resolution = reader.read(1) + 3;
      for (let top = topBand; count > 0; count--) {
        const bottom = Math.max(0, top - reader.read(isShort ? 4 : 6));
        this.#readFilter(reader, info, window, bottom, top, resolution);
        top = bottom;
      }
    }
    reader.checkOverrun();
  }

  #readFilter(
    reader: BitReader,
    info: WindowInfo,
    window: number,
    bottom: number,
    top: number,
    resolution: number,
  ): void {
    const { isShort } = info;
    const order = reader.read(isShort ? 3 : 5);
    if (order === 0) return;
    const limit = isShort ? MAX_SHORT_ORDER : MAX_LONG_ORDER;
    if (order > limit) throw new AppError("peer", "aac.tns-order", { have: order, limit });
    const at = this.filterCount++;
    const lastBand = Math.min(isShort ? this.#maxShortBand : this.#maxLongBand, info.bandCount);
    const base = window * SHORT_LENGTH;
    this.#starts[at] = base + (info.bandOffsets[Math.min(bottom, lastBand)] ?? 0);
    this.#ends[at] = base + (info.bandOffsets[Math.min(top, lastBand)] ?? 0);
    this.#orders[at] = order;
    this.#downward[at] = reader.read(1);
    const bits = resolution - reader.read(1);
    const positiveStep = Math.PI / ((1 << resolution) - 1);
    const negativeStep = Math.PI / ((1 << resolution) + 1);
    for (let i = 0; i < order; i++) {
      const value = (reader.read(bits) << (32 - bits)) >> (32 - bits);
      this.#reflections[i] = Math.sin(value * (value >= 0 ? positiveStep : negativeStep));
    }
    stepUp(this.#reflections, order, this.#coefficients, at * MAX_LONG_ORDER);
  }

  /** How many lines of each window must be there so that those below `limit` come out right. */
  findReach(limit: number, isShort: boolean): number {
    let reach = limit;
    for (let i = 0; i < this.filterCount; i++) {
      if (this.#downward[i] === 0) continue;
      const start = this.#starts[i] ?? 0;
      const base = isShort ? start - (start % SHORT_LENGTH) : 0;
      if (start - base < limit) reach = Math.max(reach, (this.#ends[i] ?? 0) - base);
    }
    return reach;
  }

  /**
   * Filters the spectrum in place, of each window the lines below `limit` at least. Throws an AppError of the peer when
   * that blows up.
   */
  apply(spectrum: Float64Array, limit: number, isShort: boolean): void {
    for (let i = 0; i < this.filterCount; i++) {
      const start = this.#starts[i] ?? 0;
      const end = this.#ends[i] ?? 0;
      const at = i * MAX_LONG_ORDER;
      const order = this.#orders[i] ?? 0;
      if (this.#downward[i] === 1) {
        filter(spectrum, end - 1, -1, end - start, this.#coefficients, at, order);
      } else {
        const base = isShort ? start - (start % SHORT_LENGTH) : 0;
        const length = Math.min(end, base + limit) - start;
        filter(spectrum, start, 1, length, this.#coefficients, at, order);
      }
    }
  }
}

/** From reflection to prediction coefficients, 4.6.9.3. */
export function stepUp(reflections: Float64Array, order: number, out: Float64Array, at: number): void {
  for (let m = 0; m < order; m++) {
    const k = reflections[m] ?? 0;
    for (let i = 0, j = m - 1; i <= j; i++, j--) {
      const low = out[at + i] ?? 0;
      const high = out[at + j] ?? 0;
      out[at + i] = low + k * high;
      out[at + j] = high + k * low;
    }
    out[at + m] = k;
  }
}

/** y[n] = x[n] - Σ a[i]·y[n - i], over `length` lines from `from` on, upward or downward. */
function filter(
  spectrum: Float64Array,
  from: number,
  step: 1 | -1,
  length: number,
  coefficients: Float64Array,
  at: number,
  order: number,
): void {
  let largest = 0;
  let line = from;
  for (let n = 0; n < length; n++, line += step) {
    let sum = spectrum[line] as number; // in the array, as are all below
    const reach = n < order ? n : order;
    for (let i = 0, back = line - step; i < reach; i++, back -= step) {
      sum -= (coefficients[at + i] as number) * (spectrum[back] as number);
    }
    spectrum[line] = sum;
    const size = sum < 0 ? -sum : sum;
    if (size > largest) largest = size;
  }
  if (!(largest < MAX_LINE)) throw new AppError("peer", "aac.tns-overflow");
}
