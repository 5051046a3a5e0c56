import { BitWriter } from "../../bytes/bit-writer.ts";
import { AppError } from "../../errors.ts";
import { Resampler } from "../pcm/resampler.ts";
import { encodeAudioSpecificConfig } from "./audio-specific-config.ts";
import { SAMPLE_RATES } from "./band-offsets.ts";
import { BlockSwitch } from "./block-switch.ts";
import { ForwardMdct } from "./forward-mdct.ts";
import { ForwardTns } from "./forward-tns.ts";
import { FrameCoder } from "./frame-coder.ts";
import { FrameLayout } from "./frame-layout.ts";
import { RateControl } from "./rate-control.ts";
import { type Decimation, LONG_LENGTH } from "./window.ts";
import { groupWindows } from "./window-groups.ts";
import { EIGHT_SHORT } from "./window-info.ts";

export type AacEncoderOptions = {
  /** Of the samples given: 8,000 and 16,000 from telephones, but any that the resampler takes. */
  readonly inputRate: number;
  /** Of the coded sound: one of AAC's rates from 16,000 to 48,000. */
  readonly outputRate: number;
  /** From 12,000 to 6 × `outputRate`. */
  readonly bitsPerSecond: number;
};

const SLOWEST = 16_000;
const FASTEST = 48_000;
/** Below, even telephone sound is no longer itself. */
const LEAST_BIT_RATE = 12_000;
/** 6,144 bits in a frame, 4.5.3.2. */
const MOST_BITS_PER_SAMPLE = 6;
const MOST_BYTES = (MOST_BITS_PER_SAMPLE * LONG_LENGTH) / 8;
/** No sound; Infinity and NaN must not stay in the rate control's memory. */
const LOUDEST = 1000;

/**
 * AAC-LC of mono sound at a constant mean rate, ISO/IEC 14496-3. Sound that comes at a lower rate is transformed at a
 * half or a quarter of the coded rate, because only its part of the spectrum is coded.
 */
export class AacEncoder {
  /** AudioSpecificConfig, 2 bytes. */
  readonly config: Uint8Array;
  /**
   * By how many samples at `outputRate` decoded sound lies behind the input, when unit n is decoded to samples
   * 1024·n to 1024·n + 1023. A sample also waits for its frame to fill: 1,024 samples at most.
   */
  readonly delaySamples: number;
  readonly #resampler: Resampler;
  readonly #mdct: ForwardMdct;
  readonly #blockSwitch = new BlockSwitch();
  readonly #layout: FrameLayout;
  readonly #tns: ForwardTns;
  readonly #coder: FrameCoder;
  readonly #bits = new BitWriter(MOST_BYTES);
  /** The last block and the one that fills. */
  readonly #samples: Float64Array;
  /** Lines by window, and in the order of transmission. */
  readonly #shortSpectrum = new Float64Array(LONG_LENGTH);
  readonly #spectrum = new Float64Array(LONG_LENGTH);
  #filled = 0;

  /** Whether it codes sound at that rate. */
  static takes(outputRate: number): boolean {
    const rates: readonly number[] = SAMPLE_RATES;
    return rates.includes(outputRate) && outputRate >= SLOWEST && outputRate <= FASTEST;
  }

  /** Throws AppError `config` for rates, of samples or bits, that it does not have. */
  constructor({ inputRate, outputRate, bitsPerSecond }: AacEncoderOptions) {
    if (outputRate < SLOWEST || outputRate > FASTEST)
      throw new AppError("config", "aac.sample-rate", { have: outputRate, least: SLOWEST, most: FASTEST });
    const most = MOST_BITS_PER_SAMPLE * outputRate;
    if (!(bitsPerSecond >= LEAST_BIT_RATE && bitsPerSecond <= most))
      throw new AppError("config", "aac.bit-rate", { have: bitsPerSecond, least: LEAST_BIT_RATE, most });
    const decimation = chooseDecimation(inputRate, outputRate);
    this.#resampler = new Resampler(inputRate, outputRate / decimation);
    this.#mdct = new ForwardMdct(decimation);
    this.#samples = new Float64Array(2 * this.#mdct.blockLength);
    this.#layout = new FrameLayout(outputRate, chooseBandwidth(inputRate, bitsPerSecond));
    this.#tns = new ForwardTns(this.#layout);
    const rateControl = new RateControl((bitsPerSecond * LONG_LENGTH) / outputRate);
    this.#coder = new FrameCoder(this.#layout, this.#spectrum, rateControl, this.#tns);
    this.config = encodeAudioSpecificConfig({ sampleRate: outputRate, channelCount: 1 });
    this.delaySamples = LONG_LENGTH + (this.#resampler.delayMs * outputRate) / 1000 + (decimation - 1) / 2;
  }

  /** Takes any count of mono samples at `inputRate`. The unit is a view, valid during the call. */
  encode(samples: Float32Array, onAccessUnit: (accessUnit: Uint8Array) => void): void {
    const { blockLength } = this.#mdct;
    const coming = this.#resampler.process(samples);
    for (let at = 0; at < coming.length; ) {
      const count = Math.min(coming.length - at, blockLength - this.#filled);
      const to = blockLength + this.#filled;
      for (let i = 0; i < count; i++) {
        const sample = coming[at + i] ?? 0;
        this.#samples[to + i] = Math.abs(sample) < LOUDEST ? sample : 0;
      }
      at += count;
      this.#filled += count;
      if (this.#filled < blockLength) return;
      const accessUnit = this.#encodeFrame();
      this.#samples.copyWithin(0, blockLength);
      this.#filled = 0;
      onAccessUnit(accessUnit);
    }
  }

  #encodeFrame(): Uint8Array {
    const { blockLength } = this.#mdct;
    const sequence = this.#blockSwitch.advance(this.#samples, blockLength, blockLength);
    if (sequence === EIGHT_SHORT) {
      this.#tns.turnOff();
      this.#mdct.transform(this.#samples, sequence, this.#shortSpectrum);
      this.#layout.setShort(groupWindows(this.#shortSpectrum));
      this.#layout.interleave(this.#shortSpectrum, this.#spectrum);
    } else {
      this.#layout.setLong(sequence);
      this.#mdct.transform(this.#samples, sequence, this.#spectrum);
      this.#tns.turnOff();
      if (this.#blockSwitch.isUneven()) this.#tns.apply(this.#spectrum);
    }
    this.#bits.reset();
    this.#coder.write(this.#bits, this.#blockSwitch.isHard);
    return this.#bits.finish();
  }
}

/** The lowest rate of transform that has the input's whole band. */
function chooseDecimation(inputRate: number, outputRate: number): Decimation {
  if (4 * inputRate <= outputRate) return 4;
  return 2 * inputRate <= outputRate ? 2 : 1;
}

/** In Hz: the input's band, or what the rate suffices for. */
function chooseBandwidth(inputRate: number, bitsPerSecond: number): number {
  return Math.min(inputRate / 2, bitsPerSecond / 4, 20_000);
}
