import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { readScaleFactorStep } from "./huffman.ts";
import { MAX_BANDS, type WindowInfo } from "./window-info.ts";

/** sect_cb, ISO/IEC 14496-3 table 4.150: what is not a spectral codebook. */
export const ZERO_BOOK = 0;
const RESERVED_BOOK = 12;
export const NOISE_BOOK = 13;
/** The right channel is the left one, out of phase or in phase. */
export const INTENSITY_BOOK_INVERTED = 14;
const INTENSITY_BOOK = 15;

/** Factors 2^((index - 100) / 4), index from 0 to 255. */
const GAINS = Float64Array.from({ length: 256 }, (_, i) => 2 ** ((i - 100) / 4));
const UNITY_INDEX = 100;

/** noise_pcm_flag's first energy, and what energies count from: 4.6.13. */
const FIRST_NOISE_BITS = 9;
const FIRST_NOISE_BIAS = 256;
const NOISE_OFFSET = 90;

/** Codebook and factor of each band of a frame: section_data and scale_factor_data, 4.4.2.7. Group after group. */
export class BandData {
  readonly books = new Uint8Array(MAX_BANDS);
  /** Of spectral and noise bands what values are multiplied with; of intensity bands what the left channel is. */
  readonly gains = new Float64Array(MAX_BANDS);

  readSections(reader: BitReader, info: WindowInfo): void {
    const { bandCount, groupCount } = info;
    const lengthBits = info.isShort ? 3 : 5;
    const longest = (1 << lengthBits) - 1;
    for (let group = 0; group < groupCount; group++) {
      let band = group * bandCount;
      const end = band + bandCount;
      while (band < end) {
        const book = reader.read(4);
        if (book === RESERVED_BOOK) throw new AppError("peer", "aac.reserved-codebook", { have: book });
        let sectionEnd = band;
        let increment: number;
        do {
          increment = reader.read(lengthBits);
          sectionEnd += increment;
        } while (increment === longest && sectionEnd <= end);
        if (sectionEnd > end) {
          throw new AppError("peer", "aac.section-too-long", { have: sectionEnd, limit: end });
        }
        // An empty section is no error, but it must not last for ever.
        reader.checkOverrun();
        while (band < sectionEnd) this.books[band++] = book;
      }
    }
  }

  readScaleFactors(reader: BitReader, info: WindowInfo, globalGain: number): void {
    const count = info.groupCount * info.bandCount;
    const { books, gains } = this;
    let scaleFactor = globalGain;
    let intensityPosition = 0;
    let noiseEnergy = globalGain - NOISE_OFFSET;
    let isFirstNoise = true;
    for (let i = 0; i < count; i++) {
      const book = books[i] ?? ZERO_BOOK;
      if (book === ZERO_BOOK) {
        gains[i] = 0;
      } else if (book >= INTENSITY_BOOK_INVERTED) {
        intensityPosition += readScaleFactorStep(reader);
        const gain = gainAt(UNITY_INDEX - intensityPosition);
        gains[i] = book === INTENSITY_BOOK ? gain : -gain;
      } else if (book === NOISE_BOOK) {
        noiseEnergy += isFirstNoise
          ? reader.read(FIRST_NOISE_BITS) - FIRST_NOISE_BIAS
          : readScaleFactorStep(reader);
        isFirstNoise = false;
        gains[i] = gainAt(UNITY_INDEX + noiseEnergy);
      } else {
        scaleFactor += readScaleFactorStep(reader);
        if (scaleFactor < 0 || scaleFactor > 255) {
          throw new AppError("peer", "aac.scale-factor-out-of-range", { have: scaleFactor, limit: 255 });
        }
        gains[i] = GAINS[scaleFactor] ?? 0;
      }
    }
    reader.checkOverrun();
  }
}

/** Positions and energies have no range of their own; beyond the table they say no more than its ends. */
function gainAt(index: number): number {
  return GAINS[Math.max(0, Math.min(255, index))] ?? 0;
}
