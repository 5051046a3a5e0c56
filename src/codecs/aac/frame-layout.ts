import { AppError } from "../../errors.ts";
import { LONG_BAND_OFFSETS, SAMPLE_RATES, SHORT_BAND_OFFSETS } from "./band-offsets.ts";
import type { Reals } from "./fft.ts";
import { MAX_LONG_BANDS } from "./tns.ts";
import { LONG_LENGTH, SHORT_LENGTH } from "./window.ts";
import { EIGHT_SHORT, MAX_BANDS, ONLY_LONG, type WindowSequence } from "./window-info.ts";

export const SHORT_WINDOWS = 8;

/**
 * How the lines of one frame are divided: into groups of short windows (a long one is a group by itself), each group into
 * bands, and where each band begins in the order of transmission, 4.5.2.3.5.
 */
export class FrameLayout {
  sequence: WindowSequence = ONLY_LONG;
  groupCount = 1;
  /** Windows in each group. */
  readonly groupLengths = new Uint8Array(SHORT_WINDOWS);
  /** scale_factor_grouping: of 7 bits the highest puts the second short window into the first one's group. */
  grouping = 0;
  /** max_sfb: bands of each group. */
  bandsPerGroup = 0;
  /** Of all groups. */
  bandCount = 0;
  /** One more than there are bands. */
  readonly offsets = new Uint16Array(MAX_BANDS + 1);
  /** Of a long window, also beyond the coded ones; and of them those that TNS may reach. */
  readonly totalBands: number;
  readonly tnsBands: number;
  readonly #longOffsets: Uint16Array;
  readonly #shortOffsets: Uint16Array;

  /** Codes the bands that begin below `bandwidth`, in Hz. */
  constructor(sampleRate: number, bandwidth: number) {
    const rates: readonly number[] = SAMPLE_RATES;
    const index = rates.indexOf(sampleRate);
    const long = LONG_BAND_OFFSETS[index];
    const short = SHORT_BAND_OFFSETS[index];
    if (long === undefined || short === undefined)
      throw new AppError("config", "aac.sample-rate", { have: sampleRate });
    this.tnsBands = MAX_LONG_BANDS[index] ?? 0;
    this.totalBands = long.length - 1;
    const share = bandwidth / (sampleRate / 2);
    this.#longOffsets = cutOffsets(long, share * LONG_LENGTH);
    this.#shortOffsets = cutOffsets(short, share * SHORT_LENGTH);
  }

  get lineCount(): number {
    return this.offsets[this.bandCount] ?? 0;
  }

  setLong(sequence: WindowSequence): void {
    this.sequence = sequence;
    this.groupCount = 1;
    this.groupLengths[0] = 1;
    this.bandsPerGroup = this.#longOffsets.length - 1;
    this.bandCount = this.bandsPerGroup;
    this.offsets.set(this.#longOffsets);
  }

  setShort(grouping: number): void {
    this.sequence = EIGHT_SHORT;
    this.grouping = grouping;
    this.groupCount = 1;
    this.groupLengths.fill(0);
    this.groupLengths[0] = 1;
    for (let bit = 6; bit >= 0; bit--) {
      if (((grouping >> bit) & 1) === 0) this.groupCount++;
      this.groupLengths[this.groupCount - 1] = (this.groupLengths[this.groupCount - 1] ?? 0) + 1;
    }
    this.bandsPerGroup = this.#shortOffsets.length - 1;
    this.bandCount = this.groupCount * this.bandsPerGroup;
    let band = 0;
    for (let group = 0; group < this.groupCount; group++) {
      const windows = this.groupLengths[group] ?? 0;
      for (let i = 0; i < this.bandsPerGroup; i++, band++) {
        const width = (this.#shortOffsets[i + 1] ?? 0) - (this.#shortOffsets[i] ?? 0);
        this.offsets[band + 1] = (this.offsets[band] ?? 0) + width * windows;
      }
    }
  }

  /** From lines by window, each window's at a multiple of 128, to the order of transmission. */
  interleave(byWindow: Reals, ordered: Reals): void {
    let at = 0;
    let window = 0;
    for (let group = 0; group < this.groupCount; group++) {
      const windows = this.groupLengths[group] ?? 0;
      for (let i = 0; i < this.bandsPerGroup; i++) {
        const from = this.#shortOffsets[i] ?? 0;
        const to = this.#shortOffsets[i + 1] ?? 0;
        for (let w = window; w < window + windows; w++)
          for (let line = from; line < to; line++) ordered[at++] = byWindow[w * SHORT_LENGTH + line] ?? 0;
      }
      window += windows;
    }
  }
}

/** The offsets up to the end of the band in which `lineCount` lines end. */
function cutOffsets(offsets: Uint16Array, lineCount: number): Uint16Array {
  const end = offsets.findIndex((offset) => offset >= lineCount);
  return end === -1 ? offsets : offsets.slice(0, end + 1);
}
