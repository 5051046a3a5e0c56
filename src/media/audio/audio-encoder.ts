import { AppError } from "../../errors.ts";

export type EncodedCodec = "AAC" | "G711A" | "G711U" | "L16";

export type AudioEncoderOptions = {
  readonly codec: EncodedCodec;
  /** Of the samples given; AAC takes 8,000 and 16,000. */
  readonly inputRate: number;
  /** Of what comes out: AAC 48,000 by default, L16 16,000; G.711 is always 8,000. */
  readonly outputRate?: number;
  /** Of AAC; 48,000 by default. */
  readonly bitsPerSecond?: number;
  /** Of G.711 and L16; 20 by default. */
  readonly frameMs?: number;
};

/** Mono samples in, coded frames of one constant length out. */
export class AudioEncoder {
  /** AudioSpecificConfig, for AAC only. */
  readonly config: Uint8Array | undefined;
  /** Of what comes out. */
  readonly sampleRate: number = 0;
  /** Samples in each coded frame, at `sampleRate`. */
  readonly frameSampleCount: number = 0;
  /** From an input sample to the decoded one, at `sampleRate`, without the wait for a full frame. */
  readonly delaySampleCount: number = 0;

  constructor(readonly options: AudioEncoderOptions) {}

  /** Takes any count of samples; `onFrame` gets each frame that became full, a view valid during the call. */
  encode(samples: Float32Array, onFrame: (data: Uint8Array) => void): void {
    throw new AppError("bug", "audio.not-yet", { samples: samples.length, onFrame: onFrame.length });
  }
}
