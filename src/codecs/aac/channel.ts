import type { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { BandData } from "./band-data.ts";
import type { NoiseSource } from "./noise.ts";
import { PulseData } from "./pulse.ts";
import { readSpectrum } from "./spectrum.ts";
import { TnsData } from "./tns.ts";
import { LONG_LENGTH, SHORT_LENGTH } from "./window.ts";
import { WindowInfo } from "./window-info.ts";

/** One channel of a frame: individual_channel_stream, ISO/IEC 14496-3 4.4.2.7, up to its spectrum before the filter bank. */
export class Channel {
  readonly info: WindowInfo;
  readonly bands = new BandData();
  readonly tns: TnsData;
  readonly spectrum = new Float64Array(LONG_LENGTH);
  readonly #pulses = new PulseData();

  constructor(rateIndex: number) {
    this.info = new WindowInfo(rateIndex);
    this.tns = new TnsData(rateIndex);
  }

  /** All before the spectrum. With a common window, `info` was read before. */
  readSideInfo(reader: BitReader, hasCommonWindow: boolean): void {
    const { info, bands } = this;
    const globalGain = reader.read(8);
    if (!hasCommonWindow) info.read(reader);
    bands.readSections(reader, info);
    bands.readScaleFactors(reader, info, globalGain);
    this.#pulses.count = 0;
    if (reader.readFlag()) this.#pulses.read(reader, info);
    this.tns.filterCount = 0;
    if (reader.readFlag()) this.tns.read(reader, info);
    if (reader.readFlag()) throw new AppError("peer", "aac.unsupported-gain-control");
    reader.checkOverrun();
  }

  /** Lines of the windows from `lineLimit` on may stay unread. */
  readSpectrum(reader: BitReader, noise: NoiseSource, lineLimit: number): void {
    this.spectrum.fill(0);
    readSpectrum(reader, this.info, this.bands, noise, this.spectrum, lineLimit);
    if (this.#pulses.count > 0) this.#pulses.apply(this.spectrum, this.info, this.bands);
  }

  /** Of each window, where a long one's output has `lineCount` lines; more where TNS comes down from above. */
  findNeededLines(lineCount: number): number {
    const { isShort } = this.info;
    return this.tns.findReach(isShort ? shortLineCount(lineCount) : lineCount, isShort);
  }

  /** Leaves out what lies above a long window's first `lineCount` lines, or its share of short ones. */
  cutSpectrum(lineCount: number): void {
    const { spectrum } = this;
    if (!this.info.isShort) {
      spectrum.fill(0, lineCount);
      return;
    }
    const kept = shortLineCount(lineCount);
    for (let at = 0; at < LONG_LENGTH; at += SHORT_LENGTH) spectrum.fill(0, at + kept, at + SHORT_LENGTH);
  }
}

function shortLineCount(longLineCount: number): number {
  return Math.floor((longLineCount * SHORT_LENGTH) / LONG_LENGTH);
}
