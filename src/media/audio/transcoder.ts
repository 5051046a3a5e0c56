import { AppError } from "../../errors.ts";
import type { EncodedCodec } from "./audio-encoder.ts";
import type { CodedAudio, OnCodedAudio } from "./coded-audio.ts";

/**
 * Turns what a publisher sends into the codec that the far side asked for, on the publisher's own time line. What has
 * that codec already, or one that is not decoded here (MP3, Opus, unknown), passes as it is.
 */
export class Transcoder {
  constructor(readonly targetCodec: EncodedCodec) {}

  /**
   * Hands out whatever became ready, a config before the first frame. Passed-through sound keeps its own object and
   * bytes; what was encoded here is valid during the call of `emit` only. Throws AppError `peer` for a config that
   * cannot be decoded, once.
   */
  push(coded: CodedAudio, emit: OnCodedAudio): void {
    throw new AppError("bug", "audio.not-yet", { codec: coded.codec, emit: emit.length });
  }
}
