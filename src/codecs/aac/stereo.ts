import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { type BandData, INTENSITY_BOOK_INVERTED, NOISE_BOOK } from "./band-data.ts";
import { SHORT_LENGTH } from "./window.ts";
import { MAX_BANDS, type WindowInfo } from "./window-info.ts";

/** ms_mask_present, ISO/IEC 14496-3 4.4.2.1. */
const NO_MASK = 0;
const EVERY_BAND = 2;
const RESERVED_MASK = 3;

/** Joint stereo of a channel pair with common windows: M/S 4.6.8.1, intensity 4.6.8.2, correlated noise 4.6.13. */
export class StereoData {
  readonly #used = new Uint8Array(MAX_BANDS);
  #isMaskPerBand = false;

  read(reader: BitReader, info: WindowInfo): void {
    const present = reader.read(2);
    if (present === RESERVED_MASK) throw new AppError("peer", "aac.reserved-stereo-mask");
    this.#isMaskPerBand = present !== NO_MASK && present !== EVERY_BAND;
    if (!this.#isMaskPerBand) {
      this.#used.fill(present === EVERY_BAND ? 1 : 0);
      return;
    }
    const count = info.groupCount * info.bandCount;
    for (let i = 0; i < count; i++) this.#used[i] = reader.read(1);
  }

  /** Makes left and right of the two spectra, in place, of the lines of each window below `lineLimit` at least. */
  apply(
    info: WindowInfo,
    leftBands: BandData,
    rightBands: BandData,
    left: Float64Array,
    right: Float64Array,
    lineLimit: number,
  ): void {
    let base = 0;
    let index = 0;
    for (let group = 0; group < info.groupCount; group++) {
      const windowCount = info.groupLengths[group] ?? 0;
      for (let band = 0; band < info.bandCount; band++, index++) {
        const from = info.bandOffsets[band] ?? 0;
        if (from >= lineLimit) continue;
        const width = (info.bandOffsets[band + 1] ?? 0) - from;
        for (let window = 0; window < windowCount; window++) {
          const start = base + from + window * SHORT_LENGTH;
          this.#applyToBand(index, leftBands, rightBands, left, right, start, start + width);
        }
      }
      base += windowCount * SHORT_LENGTH;
    }
  }

  #applyToBand(
    index: number,
    leftBands: BandData,
    rightBands: BandData,
    left: Float64Array,
    right: Float64Array,
    start: number,
    end: number,
  ): void {
    const leftBook = leftBands.books[index] ?? 0;
    const rightBook = rightBands.books[index] ?? 0;
    const isUsed = this.#used[index] === 1;
    if (rightBook >= INTENSITY_BOOK_INVERTED) {
      const factor = rightBands.gains[index] ?? 0;
      // Only a mask per band inverts, as fdk-aac and FAAD2 read it too; FFmpeg inverts with all bands masked as well.
      copyScaled(left, right, start, end, isUsed && this.#isMaskPerBand ? -factor : factor);
    } else if (!isUsed) {
      return;
    } else if (leftBook === NOISE_BOOK && rightBook === NOISE_BOOK) {
      copyScaled(left, right, start, end, (rightBands.gains[index] ?? 0) / (leftBands.gains[index] ?? 1));
    } else if (leftBook < NOISE_BOOK && rightBook < NOISE_BOOK) {
      rotate(left, right, start, end);
    }
  }
}

function copyScaled(
  left: Float64Array,
  right: Float64Array,
  start: number,
  end: number,
  factor: number,
): void {
  for (let i = start; i < end; i++) right[i] = (left[i] ?? 0) * factor;
}

/** Middle and side to left and right. */
function rotate(left: Float64Array, right: Float64Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const middle = left[i] ?? 0;
    const side = right[i] ?? 0;
    left[i] = middle + side;
    right[i] = middle - side;
  }
}
