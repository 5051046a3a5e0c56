import { AppError } from "../../errors.ts";
import type { AudioCodec } from "../frame.ts";
import type { CodedAudio } from "./coded-audio.ts";

/** Any sound that a stream may carry, as mono samples at one rate. Codec, config and rate may change in mid-stream. */
export class AudioDecoder {
  /** Access units that were damaged, and frames that came without a usable config. */
  damagedCount = 0;

  constructor(readonly outputRate: number) {}

  static canDecode(codec: AudioCodec): boolean {
    return codec === "AAC" || codec === "G711A" || codec === "G711U" || codec === "L16";
  }

  /**
   * Mono samples at `outputRate`, a view that is valid until the next call; empty for a config and for what came
   * without one. A damaged access unit is counted and comes out as fading or silent sound of the right length.
   * Throws AppError `peer` for a config that cannot be decoded, once: the same config again is passed over.
   */
  decode(coded: CodedAudio): Float32Array {
    throw new AppError("bug", "audio.not-yet", { codec: coded.codec });
  }
}
