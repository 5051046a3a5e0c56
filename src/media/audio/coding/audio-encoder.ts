import { AacEncoder } from "../../../codecs/aac/encoder.ts";
import type { CodedCodecName } from "../../../codecs/codec-names.ts";
import { encodeALaw } from "../../../codecs/g711/a-law.ts";
import { encodeULaw } from "../../../codecs/g711/u-law.ts";
import { encodeL16 } from "../../../codecs/pcm/l16.ts";
import { Resampler } from "../../../codecs/pcm/resampler.ts";

export type EncodedCodec = CodedCodecName;

/** What the encoder takes: telephone sound, narrow or wide. */
export type EncoderInputRate = 8_000 | 16_000;

export type AudioEncoderOptions = {
  readonly codec: EncodedCodec;
  /** Any that the resampler takes; a telephone's is an EncoderInputRate. */
  readonly inputRate: number;
  /** The rate at which AAC is coded, one that the encoder takes; 48,000 by default. */
  readonly aacRate?: number;
  /** The bit rate of AAC; 48,000 by default. */
  readonly bitsPerSecond?: number;
  /** The length of a frame of G.711 or L16; 20 by default. */
  readonly frameMs?: number;
};

/** A frame lasts 21 ms at this rate, but 128 ms at 8,000. */
const AAC_RATE = 48_000;
const AAC_FRAME_SAMPLES = 1_024;
const AAC_BITS_PER_SECOND = 48_000;
const L16_RATE = 16_000;
const G711_RATE = 8_000;
const FRAME_MS = 20;

/** Mono samples in, coded frames of one constant length out. */
export class AudioEncoder {
  /** The AudioSpecificConfig. Only AAC has one. */
  readonly config: Uint8Array | undefined;
  /** The rate of what comes out: 48,000 for AAC unless told otherwise, 8,000 for G.711, 16,000 for L16. */
  readonly sampleRate: number;
  /** Samples in each coded frame, at `sampleRate`. */
  readonly frameSampleCount: number;
  readonly #encoder: { encode(samples: Float32Array, onFrame: (data: Uint8Array) => void): void };

  constructor({ codec, inputRate, aacRate = AAC_RATE, bitsPerSecond, frameMs }: AudioEncoderOptions) {
    if (codec === "AAC") {
      const aac = new AacEncoder({
        inputRate,
        outputRate: aacRate,
        bitsPerSecond: bitsPerSecond ?? AAC_BITS_PER_SECOND,
      });
      this.config = aac.config;
      this.sampleRate = aacRate;
      this.frameSampleCount = AAC_FRAME_SAMPLES;
      this.#encoder = aac;
      return;
    }
    this.sampleRate = codec === "L16" ? L16_RATE : G711_RATE;
    this.frameSampleCount = (this.sampleRate * (frameMs ?? FRAME_MS)) / 1000;
    this.#encoder = new PcmEncoder(codec, new Resampler(inputRate, this.sampleRate), this.frameSampleCount);
  }

  /** Takes any count of samples; `onFrame` gets each frame that became full, a view valid during the call. */
  encode(samples: Float32Array, onFrame: (data: Uint8Array) => void): void {
    this.#encoder.encode(samples, onFrame);
  }
}

class PcmEncoder {
  readonly #frame: Float32Array;
  readonly #bytes: Uint8Array;
  #filled = 0;

  constructor(
    readonly codec: "G711A" | "G711U" | "L16",
    readonly resampler: Resampler,
    frameSampleCount: number,
  ) {
    this.#frame = new Float32Array(frameSampleCount);
    this.#bytes = new Uint8Array(codec === "L16" ? 2 * frameSampleCount : frameSampleCount);
  }

  encode(samples: Float32Array, onFrame: (data: Uint8Array) => void): void {
    const input = this.resampler.process(samples);
    const frame = this.#frame;
    for (let i = 0; i < input.length; i++) {
      frame[this.#filled++] = input[i] ?? 0;
      if (this.#filled < frame.length) continue;
      this.#filled = 0;
      this.#encodeFrame();
      onFrame(this.#bytes);
    }
  }

  #encodeFrame(): void {
    if (this.codec === "G711A") encodeALaw(this.#frame, this.#bytes);
    else if (this.codec === "G711U") encodeULaw(this.#frame, this.#bytes);
    else encodeL16(this.#frame, this.#bytes, true);
  }
}
