import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { type BandData, INTENSITY_BOOK_INVERTED, NOISE_BOOK, ZERO_BOOK } from "./band-data.ts";
import { LONG_LENGTH } from "./window.ts";
import type { WindowInfo } from "./window-info.ts";

/** pulse_data, ISO/IEC 14496-3 4.4.2.7 and 4.6.3.3: up to four lines of a long window whose values are larger by this. */
export class PulseData {
  count = 0;
  readonly #lines = new Uint16Array(4);
  readonly #amplitudes = new Uint8Array(4);

  read(reader: BitReader, info: WindowInfo): void {
    if (info.isShort) throw new AppError("peer", "aac.pulses-in-short-windows");
    const count = reader.read(2) + 1;
    const firstBand = reader.read(6);
    if (firstBand >= info.bandOffsets.length - 1) {
      throw new AppError("peer", "aac.pulse-out-of-range", { have: firstBand });
    }
    let line = info.bandOffsets[firstBand] ?? 0;
    for (let i = 0; i < count; i++) {
      line += reader.read(5);
      this.#lines[i] = line;
      this.#amplitudes[i] = reader.read(4);
    }
    if (line >= LONG_LENGTH) throw new AppError("peer", "aac.pulse-out-of-range", { have: line });
    this.count = count;
  }

  /** Pulses belong to the quantised values; the few lines they touch are quantised again for it. */
  apply(spectrum: Float64Array, info: WindowInfo, bands: BandData): void {
    let band = 0;
    for (let i = 0; i < this.count; i++) {
      const line = this.#lines[i] ?? 0;
      while (band < info.bandCount && (info.bandOffsets[band + 1] ?? 0) <= line) band++;
      if (band === info.bandCount) return;
      const book = bands.books[band] ?? ZERO_BOOK;
      if (book === ZERO_BOOK || book === NOISE_BOOK || book >= INTENSITY_BOOK_INVERTED) continue;
      const gain = bands.gains[band] ?? 1;
      const value = (spectrum[line] ?? 0) / gain;
      const amplitude = this.#amplitudes[i] ?? 0;
      const raised = Math.abs(value) ** 0.75 + amplitude;
      spectrum[line] = (value > 0 ? raised : -raised) * Math.cbrt(raised) * gain;
    }
  }
}
