import { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { type AudioSpecificConfig, rateIndexOf } from "./audio-specific-config.ts";
import { Channel } from "./channel.ts";
import { FilterBank, Transforms } from "./filter-bank.ts";
import { NoiseSource } from "./noise.ts";
import { readProgramConfig } from "./program-config.ts";
import { StereoData } from "./stereo.ts";
import { type Decimation, LONG_LENGTH } from "./window.ts";

export type AacDecoderOptions = {
  readonly channels: "as-coded" | "mono";
  /** Output at 1/n of the coded rate, from the low part of the spectrum. */
  readonly decimation: Decimation;
  /** Lines above so many Hz are left out; by default none that the output's rate can have. */
  readonly bandwidth?: number;
};

/** id_syn_ele, ISO/IEC 14496-3 table 4.85. */
const SINGLE_CHANNEL = 0;
const CHANNEL_PAIR = 1;
const LOW_FREQUENCY = 3;
const DATA_STREAM = 4;
const PROGRAM_CONFIG = 5;
const FILL = 6;
const END = 7;

const ELEMENT_TAG_BITS = 4;

/** What ADTS can carry; two channels have at most 1,536 bytes of sound. */
const MAX_UNIT_BYTES = 8192;
/** FFmpeg's seed: noise substitution is any noise, but with the same one decodes can be compared sample by sample. */
const NOISE_SEED = 0x1f2e3d4c;

/** Decodes AAC-LC access units: raw_data_block, ISO/IEC 14496-3 4.4.2.1. SBR and PS in fill elements are skipped. */
export class AacDecoder {
  /** Of the output. */
  readonly sampleRate: number;
  /** Of the output. */
  readonly channelCount: 1 | 2;
  readonly #decimation: Decimation;
  /** What a long window may have of lines; a short one has an eighth. */
  readonly #lineCount: number;
  readonly #codedCount: number;
  readonly #reader = new BitReader(MAX_UNIT_BYTES, "aac.frame");
  readonly #noise = new NoiseSource(NOISE_SEED);
  readonly #first: Channel;
  readonly #second: Channel;
  readonly #lowFrequency: Channel;
  readonly #stereo = new StereoData();
  readonly #firstBank: FilterBank;
  readonly #secondBank: FilterBank;
  readonly #samples: Float32Array;
  readonly #secondSamples: Float32Array;
  /** Channels that this access unit has had so far. */
  #decodedCount = 0;
  /** Whether the second filter bank's overlap is all in the first one's. */
  #isSecondSilent = true;

  constructor(config: AudioSpecificConfig, { channels, decimation, bandwidth }: AacDecoderOptions) {
    const rateIndex = rateIndexOf(config.sampleRate);
    this.sampleRate = config.sampleRate / decimation;
    this.channelCount = channels === "as-coded" && config.channelCount === 2 ? 2 : 1;
    this.#decimation = decimation;
    const share =
      2 * Math.min(1 / (2 * decimation), (bandwidth ?? Number.POSITIVE_INFINITY) / config.sampleRate);
    this.#lineCount = Math.floor(share * LONG_LENGTH);
    this.#codedCount = config.channelCount;
    this.#first = new Channel(rateIndex);
    this.#second = new Channel(rateIndex);
    this.#lowFrequency = new Channel(rateIndex);
    const transforms = new Transforms(decimation);
    this.#firstBank = new FilterBank(transforms);
    this.#secondBank = new FilterBank(transforms);
    const length = LONG_LENGTH / decimation;
    this.#samples = new Float32Array(length * this.channelCount);
    this.#secondSamples = new Float32Array(length);
  }

  /**
   * Decodes one access unit to 1,024 / decimation samples per channel, interleaved if two, in a buffer that the next call
   * uses again. Full scale is ±1, not clipped. Throws an AppError of the peer for a damaged one; the next good one then
   * fades in, and the one after it is whole.
   */
  decode(accessUnit: Uint8Array): Float32Array {
    try {
      this.#reader.load(accessUnit);
      this.#readElements();
    } catch (thrown) {
      this.#firstBank.reset();
      this.#secondBank.reset();
      this.#isSecondSilent = true;
      throw thrown;
    }
    if (this.channelCount === 2) this.#filterStereo();
    else if (this.#decodedCount === 2) this.#filterMixed();
    else this.#filterMono();
    return this.#samples;
  }

  /** The high part of the last channel's spectrum and what follows need not be read. */
  get #mayStopEarly(): boolean {
    return this.#decimation > 1;
  }

  #readElements(): void {
    const reader = this.#reader;
    this.#decodedCount = 0;
    for (;;) {
      const element = reader.read(3);
      if (element === END) break;
      this.#readElement(element);
      reader.checkOverrun();
      if (this.#mayStopEarly && this.#decodedCount >= this.#codedCount) return;
    }
    reader.checkOverrun();
    if (this.#decodedCount === 0) throw new AppError("peer", "aac.no-sound");
  }

  #readElement(element: number): void {
    const reader = this.#reader;
    if (element === SINGLE_CHANNEL) this.#readSingle();
    else if (element === CHANNEL_PAIR) this.#readPair();
    else if (element === FILL) skipFill(reader);
    else if (element === DATA_STREAM) skipDataStream(reader);
    else if (element === PROGRAM_CONFIG) readProgramConfig(reader);
    else if (element === LOW_FREQUENCY) this.#skipLowFrequency();
    else throw new AppError("peer", "aac.unsupported-coupling");
  }

  #readSingle(): void {
    this.#count(1);
    const channel = this.#decodedCount === 1 ? this.#first : this.#second;
    const reader = this.#reader;
    reader.skip(ELEMENT_TAG_BITS);
    channel.readSideInfo(reader, false);
    const needed = channel.findNeededLines(this.#lineCount);
    channel.readSpectrum(reader, this.#noise, this.#mayStopHere ? needed : LONG_LENGTH);
    this.#shape(channel, needed);
  }

  #readPair(): void {
    this.#count(2);
    const reader = this.#reader;
    const first = this.#first;
    const second = this.#second;
    reader.skip(ELEMENT_TAG_BITS);
    const hasCommonWindow = reader.readFlag();
    if (hasCommonWindow) {
      first.info.read(reader);
      second.info.copyFrom(first.info);
      this.#stereo.read(reader, first.info);
    }
    first.readSideInfo(reader, hasCommonWindow);
    first.readSpectrum(reader, this.#noise, LONG_LENGTH);
    second.readSideInfo(reader, hasCommonWindow);
    const firstNeeded = first.findNeededLines(this.#lineCount);
    let secondNeeded = second.findNeededLines(this.#lineCount);
    if (hasCommonWindow) secondNeeded = Math.max(firstNeeded, secondNeeded);
    second.readSpectrum(reader, this.#noise, this.#mayStopHere ? secondNeeded : LONG_LENGTH);
    if (hasCommonWindow) {
      const { info, bands, spectrum } = first;
      this.#stereo.apply(info, bands, second.bands, spectrum, second.spectrum, secondNeeded);
    }
    this.#shape(first, firstNeeded);
    this.#shape(second, secondNeeded);
  }

  #shape(channel: Channel, needed: number): void {
    channel.tns.apply(channel.spectrum, needed, channel.info.isShort);
    if (this.#lineCount < LONG_LENGTH / this.#decimation) channel.cutSpectrum(this.#lineCount);
  }

  #count(more: 1 | 2): void {
    this.#decodedCount += more;
    if (this.#decodedCount > 2) {
      throw new AppError("peer", "aac.unsupported-channels", { have: this.#decodedCount, limit: 2 });
    }
  }

  /** Nothing of a channel may stay unread while something behind it is needed. */
  get #mayStopHere(): boolean {
    return this.#mayStopEarly && this.#decodedCount >= this.#codedCount;
  }

  /** A telephone has no use for it. */
  #skipLowFrequency(): void {
    this.#reader.skip(ELEMENT_TAG_BITS);
    this.#lowFrequency.readSideInfo(this.#reader, false);
    this.#lowFrequency.readSpectrum(this.#reader, this.#noise, LONG_LENGTH);
  }

  #filterMono(): void {
    if (!this.#isSecondSilent) this.#secondBank.reset();
    this.#isSecondSilent = true;
    this.#firstBank.process(this.#first.spectrum, this.#first.info, this.#samples, 0, 1);
    this.#secondBank.follow(this.#firstBank);
  }

  #filterStereo(): void {
    const second = this.#decodedCount === 2 ? this.#second : this.#first;
    this.#firstBank.process(this.#first.spectrum, this.#first.info, this.#samples, 0, 2);
    this.#secondBank.process(second.spectrum, second.info, this.#samples, 1, 2);
  }

  /** Two channels to one: one inverse transform of the sum where their windows agree, now and in the frame before. */
  #filterMixed(): void {
    const left = this.#first.spectrum;
    const right = this.#second.spectrum;
    if (
      this.#first.info.hasSameWindow(this.#second.info) &&
      this.#firstBank.continuesLike(this.#secondBank)
    ) {
      for (let i = 0; i < left.length; i++) left[i] = 0.5 * ((left[i] ?? 0) + (right[i] ?? 0));
      if (!this.#isSecondSilent) this.#firstBank.absorb(this.#secondBank);
      this.#filterMono();
      return;
    }
    for (let i = 0; i < left.length; i++) left[i] = 0.5 * (left[i] ?? 0);
    for (let i = 0; i < right.length; i++) right[i] = 0.5 * (right[i] ?? 0);
    this.#firstBank.process(left, this.#first.info, this.#samples, 0, 1);
    this.#secondBank.process(right, this.#second.info, this.#secondSamples, 0, 1);
    this.#isSecondSilent = false;
    const samples = this.#samples;
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) + (this.#secondSamples[i] ?? 0);
  }
}

/** fill_element, table 4.11; SBR and PS lie in it. */
function skipFill(reader: BitReader): void {
  const count = reader.read(4);
  reader.skip(8 * (count === 15 ? 14 + reader.read(8) : count));
}

/** data_stream_element, table 4.10. */
function skipDataStream(reader: BitReader): void {
  reader.skip(ELEMENT_TAG_BITS);
  const isAligned = reader.readFlag();
  const count = reader.read(8);
  const byteCount = count === 255 ? count + reader.read(8) : count;
  if (isAligned) reader.align();
  reader.skip(8 * byteCount);
}
