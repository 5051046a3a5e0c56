import { AudioDecoder } from "./audio-decoder.ts";
import type { EncodedCodec, EncoderInputRate } from "./audio-encoder.ts";
import type { CodedAudio, OnCodedAudio } from "./coded-audio.ts";
import { TimedEncoder } from "./timed-encoder.ts";

/** Beyond this a publisher's timestamp is a jump; below it, rounding and the drift of its clock. */
const JUMP_MS = 100;
/** The share of a small difference that each frame takes away. */
const DRIFT_GAIN = 1 / 32;

type Stage = {
  readonly rate: EncoderInputRate;
  readonly decoder: AudioDecoder;
  encoder: TimedEncoder | undefined;
};

/**
 * Turns what a publisher sends into the codec that the far side asked for, on the publisher's own time line. What has
 * that codec already, or one that is not decoded here (MP3, Opus, unknown), passes as it is.
 */
export class Transcoder {
  #stage: Stage | undefined;

  constructor(readonly targetCodec: EncodedCodec) {}

  /**
   * Hands out whatever became ready, a config before the first frame. Passed-through sound keeps its own object and
   * bytes; what was encoded here is valid during the call of `emit` only. Throws AppError `peer` for a config or rate
   * that cannot be decoded, once.
   */
  push(coded: CodedAudio, emit: OnCodedAudio): void {
    if (coded.codec === this.targetCodec || !AudioDecoder.canDecode(coded.codec)) {
      this.#stage = undefined;
      emit(coded);
      return;
    }
    const stage = this.#stageFor(coded);
    const samples = stage.decoder.decode(coded);
    if (samples.length === 0) return;
    stage.encoder ??= new TimedEncoder({ codec: this.targetCodec, inputRate: stage.rate }, coded.timestampMs);
    follow(stage.encoder, coded.timestampMs);
    stage.encoder.encode(samples, emit);
  }

  #stageFor(coded: CodedAudio): Stage {
    const rate = this.#rateFor(coded);
    if (this.#stage?.rate !== rate) {
      this.#stage = { rate, decoder: new AudioDecoder(rate), encoder: undefined };
    }
    return this.#stage;
  }

  /** Between the codecs: wide-band only where both sides have it. */
  #rateFor({ codec, sampleRate }: CodedAudio): EncoderInputRate {
    if (this.targetCodec === "AAC") return codec === "L16" && sampleRate > 8_000 ? 16_000 : 8_000;
    return this.targetCodec === "L16" ? 16_000 : 8_000;
  }
}

/** Sets an encoder's time right before it takes what a publisher stamped so. */
export function follow(encoder: TimedEncoder, timestampMs: number): void {
  // In time that wraps after 32 bits, which the encoder's does not.
  const errorMs = wrapped(timestampMs - encoder.sampleAtMs);
  encoder.shift(Math.abs(errorMs) > JUMP_MS ? errorMs : errorMs * DRIFT_GAIN);
}

/** A difference of 32-bit times, −2^31 to 2^31, fractions kept. */
function wrapped(differenceMs: number): number {
  return differenceMs - 2 ** 32 * Math.round(differenceMs / 2 ** 32);
}
