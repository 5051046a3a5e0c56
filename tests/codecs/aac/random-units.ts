import { BitWriter } from "../../../src/bytes/bit-writer.ts";
import { rateIndexOf } from "../../../src/codecs/aac/audio-specific-config.ts";
import { LONG_BAND_OFFSETS, SHORT_BAND_OFFSETS } from "../../../src/codecs/aac/band-offsets.ts";
import { SCALE_FACTOR_CODEWORDS, SPECTRUM_CODEWORDS } from "../../../src/codecs/aac/codewords.ts";
import type { Random } from "../../fuzz/mutator.ts";
import type { AdtsStream } from "./adts.ts";

/** Windows and bands of a channel: ics_info. */
type Ics = {
  readonly sequence: number;
  readonly shape: number;
  readonly bandCount: number;
  readonly groupLengths: readonly number[];
  readonly offsets: Uint16Array;
};

const MAX_UNIT_BYTES = 8192;
const NOISE = 13;
const INTENSITY_INVERTED = 14;
const INTENSITY = 15;
/** Values, size of a tuple and signedness of books 1 to 11. */
const LARGEST = [0, 1, 1, 2, 2, 4, 4, 7, 7, 12, 12, 16];
const SIGNED_BOOKS = [1, 2, 5, 6];

/**
 * Well-formed access units that use everything of AAC-LC, far more than any encoder does: all books with escapes, pulses,
 * TNS in both directions, every grouping, noise, M/S and intensity, and the elements beside the sound. They sound horrible.
 */
export function makeRandomStream(
  random: Random,
  sampleRate: number,
  channelCount: 1 | 2,
  count: number,
): AdtsStream {
  const source = new UnitSource(random, rateIndexOf(sampleRate), channelCount);
  return { sampleRate, channelCount, units: Array.from({ length: count }, () => source.makeUnit()) };
}

export class UnitSource {
  /** Of each channel, for legal transitions between window sequences. */
  readonly #lastSequences = [0, 0];

  constructor(
    readonly random: Random,
    readonly rateIndex: number,
    readonly channelCount: 1 | 2,
  ) {}

  makeUnit(): Uint8Array {
    const writer = new BitWriter(MAX_UNIT_BYTES);
    this.#writeExtras(writer);
    if (this.channelCount === 1) this.#writeSingle(writer);
    else this.#writePair(writer);
    this.#writeExtras(writer);
    writer.write(7, 3);
    return writer.finish().slice();
  }

  /** A unit that begins with its only channel. */
  makeSingle(): Uint8Array {
    const writer = new BitWriter(MAX_UNIT_BYTES);
    this.#writeSingle(writer);
    writer.write(7, 3);
    return writer.finish().slice();
  }

  #writeSingle(writer: BitWriter): void {
    writer.write(0, 3);
    writer.write(this.random.below(16), 4);
    this.#writeChannel(writer, this.#makeIcs(0), false, []);
  }

  #chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  #between(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }

  /** Data stream and fill elements. */
  #writeExtras(writer: BitWriter): void {
    if (this.#chance(10)) {
      writer.write(4, 3);
      writer.write(this.random.below(16), 4);
      const isAligned = this.#chance(50);
      writer.write(isAligned ? 1 : 0, 1);
      const count = this.#chance(20) ? this.#between(255, 300) : this.random.below(20);
      writer.write(Math.min(count, 255), 8);
      if (count >= 255) writer.write(count - 255, 8);
      while (isAligned && writer.bitLength % 8 !== 0) writer.write(0, 1);
      for (let i = 0; i < count; i++) writer.write(this.random.below(256), 8);
    }
    if (this.#chance(20)) {
      writer.write(6, 3);
      const count = this.#chance(30) ? this.#between(15, 80) : this.random.below(15);
      writer.write(Math.min(count, 15), 4);
      if (count >= 15) writer.write(count - 14, 8);
      // Extension type 0: nothing but fill bits.
      for (let i = 0; i < count; i++) writer.write(0, 8);
    }
  }

  #writePair(writer: BitWriter): void {
    writer.write(1, 3);
    writer.write(0, 4);
    const canShare = this.#lastSequences[0] === this.#lastSequences[1];
    const isCommon = canShare && this.#chance(70);
    writer.write(isCommon ? 1 : 0, 1);
    if (!isCommon) {
      this.#writeChannel(writer, this.#makeIcs(0), false, []);
      this.#writeChannel(writer, this.#makeIcs(1), false, []);
      return;
    }
    const ics = this.#makeIcs(0);
    this.#lastSequences[1] = ics.sequence;
    writeIcs(writer, ics);
    const bandCount = ics.bandCount * ics.groupLengths.length;
    const mask = this.random.below(3);
    writer.write(mask, 2);
    const isUsed = Array.from({ length: bandCount }, () => mask === 2 || (mask === 1 && this.#chance(50)));
    if (mask === 1) for (const used of isUsed) writer.write(used ? 1 : 0, 1);
    // What noise and M/S mean together, and intensity and M/S on all bands, is read in different ways.
    const left = this.#makeBooks(ics, (i) => (isUsed[i] ? [] : [NOISE]));
    const right = this.#makeBooks(ics, (i) => [
      ...(isUsed[i] ? [] : [NOISE]),
      ...(mask === 2 ? [] : [INTENSITY, INTENSITY_INVERTED]),
    ]);
    this.#writeChannel(writer, ics, true, left);
    this.#writeChannel(writer, ics, true, right);
  }

  #makeIcs(channel: 0 | 1): Ics {
    const last = this.#lastSequences[channel] ?? 0;
    const comesFromLong = last === 0 || last === 3;
    const sequence = comesFromLong ? (this.#chance(25) ? 1 : 0) : this.#chance(50) ? 2 : 3;
    this.#lastSequences[channel] = sequence;
    const offsets =
      (sequence === 2 ? SHORT_BAND_OFFSETS : LONG_BAND_OFFSETS)[this.rateIndex] ?? new Uint16Array(1);
    const groupLengths = [1];
    for (let window = 1; window < 8 && sequence === 2; window++) {
      if (this.#chance(50)) groupLengths[groupLengths.length - 1] = (groupLengths.at(-1) ?? 0) + 1;
      else groupLengths.push(1);
    }
    const bandCount = this.#chance(5) ? 0 : this.#between(1, offsets.length - 1);
    return { sequence, shape: this.random.below(2), bandCount, groupLengths, offsets };
  }

  /** A book for each band, in runs; `more` are the ones beside the spectral books that a band may have. */
  #makeBooks(ics: Ics, more: (band: number) => readonly number[]): number[] {
    const books: number[] = [];
    for (let i = 0; i < ics.bandCount * ics.groupLengths.length; i++) {
      const choice = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...more(i), ...more(i)];
      const before = books.at(-1);
      const canKeep = before !== undefined && choice.includes(before);
      books.push(canKeep && this.#chance(60) ? before : (choice[this.random.below(choice.length)] ?? 0));
    }
    return books;
  }

  #writeChannel(writer: BitWriter, ics: Ics, isCommon: boolean, given: readonly number[]): void {
    const books = isCommon ? given : this.#makeBooks(ics, () => [NOISE]);
    const globalGain = this.#between(100, 150);
    writer.write(globalGain, 8);
    if (!isCommon) writeIcs(writer, ics);
    writeSections(writer, ics, books);
    this.#writeScaleFactors(writer, books, globalGain);
    this.#writePulses(writer, ics, books);
    this.#writeTns(writer, ics);
    writer.write(0, 1);
    this.#writeSpectrum(writer, ics, books);
  }

  #writeScaleFactors(writer: BitWriter, books: readonly number[], globalGain: number): void {
    let scaleFactor = globalGain;
    let noiseEnergy = globalGain - 90;
    let position = 0;
    let hasNoise = false;
    for (const book of books) {
      if (book === 0) continue;
      if (book === NOISE && !hasNoise) {
        const first = this.#between(60, 110);
        writer.write(first - noiseEnergy + 256, 9);
        noiseEnergy = first;
        hasNoise = true;
      } else if (book === NOISE) {
        noiseEnergy = this.#writeStep(writer, noiseEnergy, 50, 120);
      } else if (book >= INTENSITY_INVERTED) {
        position = this.#writeStep(writer, position, -20, 20);
      } else {
        scaleFactor = this.#writeStep(writer, scaleFactor, 100, 150);
      }
    }
  }

  #writeStep(writer: BitWriter, from: number, low: number, high: number): number {
    const to = Math.max(from - 60, Math.min(from + 60, this.#between(low, high)));
    const index = to - from + 60;
    writer.write(SCALE_FACTOR_CODEWORDS.codewords[index] ?? 0, SCALE_FACTOR_CODEWORDS.lengths[index] ?? 0);
    return to;
  }

  #writePulses(writer: BitWriter, ics: Ics, books: readonly number[]): void {
    const hasPulses =
      ics.sequence !== 2 && ics.bandCount > 30 && !books.some((book) => book >= NOISE) && this.#chance(40);
    writer.write(hasPulses ? 1 : 0, 1);
    if (!hasPulses) return;
    const count = this.#between(1, 4);
    writer.write(count - 1, 2);
    writer.write(this.random.below(8), 6);
    for (let i = 0; i < count; i++) {
      writer.write(this.#between(1, 31), 5);
      writer.write(this.random.below(16), 4);
    }
  }

  #writeTns(writer: BitWriter, ics: Ics): void {
    const hasTns = this.#chance(40);
    writer.write(hasTns ? 1 : 0, 1);
    if (!hasTns) return;
    const isShort = ics.sequence === 2;
    for (let window = 0; window < (isShort ? 8 : 1); window++) {
      const filterCount = this.random.below(isShort ? 2 : 4);
      writer.write(filterCount, isShort ? 1 : 2);
      if (filterCount === 0) continue;
      const resolution = this.random.below(2);
      writer.write(resolution, 1);
      for (let i = 0; i < filterCount; i++) this.#writeFilter(writer, isShort, resolution + 3);
    }
  }

  #writeFilter(writer: BitWriter, isShort: boolean, resolution: number): void {
    writer.write(this.random.below(isShort ? 16 : 40), isShort ? 4 : 6);
    const order = this.random.below(isShort ? 8 : 13);
    writer.write(order, isShort ? 3 : 5);
    if (order === 0) return;
    writer.write(this.random.below(2), 1);
    const isCompressed = this.random.below(2);
    writer.write(isCompressed, 1);
    const bits = resolution - isCompressed;
    // Small ones, or else the filter sings until nothing else is heard.
    for (let i = 0; i < order; i++) writer.write(this.#between(-2, 1) & ((1 << bits) - 1), bits);
  }

  #writeSpectrum(writer: BitWriter, ics: Ics, books: readonly number[]): void {
    for (const [group, windowCount] of ics.groupLengths.entries()) {
      for (let band = 0; band < ics.bandCount; band++) {
        const book = books[group * ics.bandCount + band] ?? 0;
        if (book === 0 || book >= NOISE) continue;
        const lineCount = ((ics.offsets[band + 1] ?? 0) - (ics.offsets[band] ?? 0)) * windowCount;
        const size = book < 5 ? 4 : 2;
        for (let line = 0; line < lineCount; line += size) this.#writeTuple(writer, book, size);
      }
    }
  }

  #writeTuple(writer: BitWriter, book: number, size: number): void {
    const largest = LARGEST[book] ?? 0;
    const isSigned = SIGNED_BOOKS.includes(book);
    // Mostly small values, as in sound; else a unit would outgrow what ADTS can hold.
    const limit = this.#chance(70) ? Math.min(1, largest) : largest;
    const values = Array.from({ length: size }, () => this.#between(-limit, limit));
    const base = isSigned ? 2 * largest + 1 : largest + 1;
    const index = values.reduce(
      (sum, value) => sum * base + (isSigned ? value + largest : Math.abs(value)),
      0,
    );
    const table = SPECTRUM_CODEWORDS[book - 1];
    writer.write(table?.codewords[index] ?? 0, table?.lengths[index] ?? 0);
    for (const value of isSigned ? [] : values) if (value !== 0) writer.write(value < 0 ? 1 : 0, 1);
    const escaped = book === 11 ? values.filter((value) => Math.abs(value) === 16) : [];
    for (const _ of escaped) this.#writeEscape(writer);
  }

  #writeEscape(writer: BitWriter): void {
    const ones = this.random.below(9);
    for (let i = 0; i < ones; i++) writer.write(1, 1);
    writer.write(0, 1);
    writer.write(this.random.below(1 << (ones + 4)), ones + 4);
  }
}

function writeIcs(writer: BitWriter, { sequence, shape, bandCount, groupLengths }: Ics): void {
  writer.write(0, 1);
  writer.write(sequence, 2);
  writer.write(shape, 1);
  writer.write(bandCount, sequence === 2 ? 4 : 6);
  if (sequence !== 2) {
    writer.write(0, 1);
    return;
  }
  for (const [i, length] of groupLengths.entries()) {
    if (i > 0) writer.write(0, 1);
    for (let window = 1; window < length; window++) writer.write(1, 1);
  }
}

function writeSections(writer: BitWriter, ics: Ics, books: readonly number[]): void {
  const bits = ics.sequence === 2 ? 3 : 5;
  const longest = (1 << bits) - 1;
  for (let group = 0; group < ics.groupLengths.length; group++) {
    const ofGroup = books.slice(group * ics.bandCount, (group + 1) * ics.bandCount);
    for (let start = 0, end = 0; start < ofGroup.length; start = end) {
      while (end < ofGroup.length && ofGroup[end] === ofGroup[start]) end++;
      writer.write(ofGroup[start] ?? 0, 4);
      let rest = end - start;
      for (; rest >= longest; rest -= longest) writer.write(longest, bits);
      writer.write(rest, bits);
    }
  }
}
