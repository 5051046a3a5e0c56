import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { LONG_BAND_OFFSETS, SHORT_BAND_OFFSETS } from "./band-offsets.ts";
import type { WindowShape } from "./window.ts";

/** window_sequence, ISO/IEC 14496-3 table 4.127. */
export const ONLY_LONG = 0;
export const LONG_START = 1;
export const EIGHT_SHORT = 2;
export const LONG_STOP = 3;
export type WindowSequence = typeof ONLY_LONG | typeof LONG_START | typeof EIGHT_SHORT | typeof LONG_STOP;

/** Scale factor bands of all window groups together are at most so many: 8 groups of 15, or 51 of one long window. */
export const MAX_BANDS = 120;

/** ics_info, 4.4.2.1 and 4.5.2.3: a frame's windows, their groups and scale factor bands. */
export class WindowInfo {
  sequence: WindowSequence = ONLY_LONG;
  shape: WindowShape = 0;
  /** Bands of each group that are transmitted: max_sfb. */
  bandCount = 0;
  groupCount = 1;
  /** Windows in each group; 1 for a long window. */
  readonly groupLengths = new Uint8Array(8);
  /** Of the sampling rate, also beyond `bandCount`; the last one is the window's length. */
  bandOffsets: Uint16Array;
  readonly #longOffsets: Uint16Array;
  readonly #shortOffsets: Uint16Array;

  constructor(rateIndex: number) {
    this.#longOffsets = LONG_BAND_OFFSETS[rateIndex] ?? new Uint16Array(1);
    this.#shortOffsets = SHORT_BAND_OFFSETS[rateIndex] ?? new Uint16Array(1);
    this.bandOffsets = this.#longOffsets;
  }

  get isShort(): boolean {
    return this.sequence === EIGHT_SHORT;
  }

  read(reader: BitReader): void {
    reader.skip(1);
    this.sequence = (reader.peek32() >>> 30) as WindowSequence; // two bits have no other values
    reader.skip(2);
    this.shape = reader.readFlag() ? 1 : 0;
    if (this.sequence === EIGHT_SHORT) {
      this.bandOffsets = this.#shortOffsets;
      this.bandCount = reader.read(4);
      this.#readGroups(reader);
    } else {
      this.bandOffsets = this.#longOffsets;
      this.bandCount = reader.read(6);
      this.groupCount = 1;
      this.groupLengths[0] = 1;
      // Prediction belongs to AAC Main and LTP.
      if (reader.readFlag()) throw new AppError("peer", "aac.unsupported-prediction");
    }
    if (this.bandCount >= this.bandOffsets.length) {
      const have = this.bandCount;
      this.bandCount = 0;
      throw new AppError("peer", "aac.too-many-bands", { have, limit: this.bandOffsets.length - 1 });
    }
  }

  hasSameWindow(other: WindowInfo): boolean {
    return this.sequence === other.sequence && this.shape === other.shape;
  }

  copyFrom(other: WindowInfo): void {
    this.sequence = other.sequence;
    this.shape = other.shape;
    this.bandCount = other.bandCount;
    this.groupCount = other.groupCount;
    for (let i = 0; i < 8; i++) this.groupLengths[i] = other.groupLengths[i] ?? 0;
    this.bandOffsets = other.bandOffsets;
  }

  /** scale_factor_grouping: a bit for each window from the second on, 1 where it belongs to the group before. */
  #readGroups(reader: BitReader): void {
    const bits = reader.read(7);
    let group = 0;
    let length = 1;
    for (let i = 6; i >= 0; i--) {
      if (((bits >> i) & 1) === 1) {
        length++;
      } else {
        this.groupLengths[group++] = length;
        length = 1;
      }
    }
    this.groupLengths[group++] = length;
    this.groupCount = group;
  }
}
