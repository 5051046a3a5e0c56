import { areEqualBytes } from "../../../bytes/equal.ts";
import {
  type AudioSpecificConfig,
  decodeAudioSpecificConfig,
} from "../../../codecs/aac/audio-specific-config.ts";
import { AacDecoder } from "../../../codecs/aac/decoder.ts";
import { decodeALaw } from "../../../codecs/g711/a-law.ts";
import { decodeULaw } from "../../../codecs/g711/u-law.ts";
import { Concealer } from "../../../codecs/pcm/concealer.ts";
import { decodeL16 } from "../../../codecs/pcm/l16.ts";
import type { UpperBand } from "../../../codecs/pcm/low-pass.ts";
import { Resampler } from "../../../codecs/pcm/resampler.ts";
import { AppError, expectPeerFault } from "../../../errors.ts";
import type { AudioCodec } from "../../frame.ts";
import type { CodedAudio } from "./coded-audio.ts";
import { SampleBuffer } from "./sample-buffer.ts";

const G711_RATE = 8_000;
/** Whatever a container may say of L16; each rate has its own low-pass. */
const L16_RATES: readonly number[] = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
/** Samples of all channels in one frame of G.711 or L16: a second of the densest. More is no frame but an attack. */
const MAX_PCM_SAMPLES = 96_000;
/** More than any config has; what is longer is refused, and need not be remembered whole. */
const MAX_CONFIG_BYTES = 1024;
const NOTHING = new Float32Array(0);

type AacStage = {
  readonly config: AudioSpecificConfig;
  readonly decoder: AacDecoder;
  readonly frameSampleCount: number;
  /** The decoder leaves out what the output's rate cannot have. */
  readonly upperBand: UpperBand;
};

/** Any sound that a stream may carry, as mono samples at one rate. Codec, config and rate may change in mid-stream. */
export class AudioDecoder {
  /** Access units that were damaged, and frames that came without a usable config or in an impossible format. */
  damagedCount = 0;
  readonly #concealer: Concealer;
  readonly #coded = new SampleBuffer();
  readonly #mixed = new SampleBuffer();
  #resampler: Resampler;
  #resampledRate: number;
  #upperBand: UpperBand = "sound";
  #refusedRate: number | undefined;
  #configBytes: Uint8Array | undefined;
  #aac: AacStage | undefined;

  constructor(readonly outputRate: number) {
    this.#concealer = new Concealer(outputRate, 1);
    this.#resampler = new Resampler(outputRate, outputRate);
    this.#resampledRate = outputRate;
  }

  static canDecode(codec: AudioCodec): boolean {
    return codec === "AAC" || codec === "G711A" || codec === "G711U" || codec === "L16";
  }

  /**
   * Mono samples at `outputRate`, a view that is valid until the next call; empty for a config and for what came
   * without one. A damaged access unit is counted and comes out as fading sound of the right length. Throws AppError
   * `peer` for a config or rate that cannot be decoded, once: the same again is passed over.
   */
  decode(coded: CodedAudio): Float32Array {
    if (coded.codec === "AAC") {
      return coded.role === "config" ? this.#configure(coded.data) : this.#decodeAac(coded.data);
    }
    if (!AudioDecoder.canDecode(coded.codec)) return NOTHING;
    return this.#decodePcm(coded);
  }

  #configure(bytes: Uint8Array): Float32Array {
    const configBytes = bytes.subarray(0, MAX_CONFIG_BYTES);
    if (this.#configBytes !== undefined && areEqualBytes(configBytes, this.#configBytes)) return NOTHING;
    this.#configBytes = configBytes.slice();
    const before = this.#aac;
    this.#aac = undefined;
    const config = decodeAudioSpecificConfig(configBytes);
    // The same sound may be announced in other words, as with and without the extension that says there is no SBR.
    if (
      before?.config.sampleRate === config.sampleRate &&
      before.config.channelCount === config.channelCount
    ) {
      this.#aac = before;
      return NOTHING;
    }
    if (before !== undefined) this.#concealer.seam();
    const decimation = decimationFor(config.sampleRate, this.outputRate);
    const bandwidth = this.outputRate / 2;
    const upperBand = config.sampleRate > this.outputRate ? "nothing" : "sound";
    const decoder = new AacDecoder(config, { channels: "mono", decimation, bandwidth });
    this.#aac = { config, decoder, frameSampleCount: config.frameLength / decimation, upperBand };
    return NOTHING;
  }

  #decodeAac(accessUnit: Uint8Array): Float32Array {
    if (this.#aac === undefined) {
      this.damagedCount += 1;
      return NOTHING;
    }
    const { decoder } = this.#aac;
    try {
      const samples = this.#resample(decoder.decode(accessUnit), decoder.sampleRate, this.#aac.upperBand);
      this.#concealer.good(samples);
      return samples;
    } catch (thrown) {
      expectPeerFault(thrown);
      return this.#concealFrame(this.#aac);
    }
  }

  #concealFrame({ decoder, frameSampleCount, upperBand }: AacStage): Float32Array {
    this.damagedCount += 1;
    const missing = this.#coded.take(frameSampleCount);
    missing.fill(0);
    const samples = this.#resample(missing, decoder.sampleRate, upperBand);
    this.#concealer.conceal(samples);
    return samples;
  }

  #decodePcm({ codec, data, sampleRate, channelCount }: CodedAudio): Float32Array {
    const rate = codec === "L16" ? sampleRate : G711_RATE;
    const sampleCount = codec === "L16" ? data.length >> 1 : data.length;
    if (!L16_RATES.includes(rate)) return this.#refuse(rate);
    if (sampleCount > MAX_PCM_SAMPLES) {
      this.damagedCount += 1;
      return NOTHING;
    }
    const samples = this.#coded.take(sampleCount);
    if (codec === "L16") decodeL16(data, samples, true);
    else if (codec === "G711A") decodeALaw(data, samples);
    else decodeULaw(data, samples);
    return this.#resample(channelCount === 2 ? this.#mix(samples) : samples, rate, "sound");
  }

  #refuse(rate: number): Float32Array {
    this.damagedCount += 1;
    if (this.#refusedRate === rate) return NOTHING;
    this.#refusedRate = rate;
    throw new AppError("peer", "audio.unsupported-rate", { have: rate });
  }

  #mix(stereo: Float32Array): Float32Array {
    const mono = this.#mixed.take(stereo.length >> 1);
    for (let i = 0; i < mono.length; i++) mono[i] = 0.5 * ((stereo[2 * i] ?? 0) + (stereo[2 * i + 1] ?? 0));
    return mono;
  }

  #resample(samples: Float32Array, rate: number, upperBand: UpperBand): Float32Array {
    if (rate !== this.#resampledRate || upperBand !== this.#upperBand) {
      this.#resampler = new Resampler(rate, this.outputRate, upperBand);
      this.#resampledRate = rate;
      this.#upperBand = upperBand;
    }
    const resampled = this.#resampler.process(samples);
    limit(resampled);
    return resampled;
  }
}

/** To full scale: loud AAC goes beyond, and damaged AAC may be anything, which later stages would remember. */
function limit(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0;
    if (!(Math.abs(sample) <= 1)) samples[i] = sample > 1 ? 1 : sample < -1 ? -1 : 0;
  }
}

/** The cheapest that still covers the band up to half of `outputRate`, and leaves a whole rate. */
function decimationFor(sampleRate: number, outputRate: number): 1 | 2 | 4 {
  if (sampleRate >= 4 * outputRate && sampleRate % 4 === 0) return 4;
  return sampleRate >= 2 * outputRate && sampleRate % 2 === 0 ? 2 : 1;
}
