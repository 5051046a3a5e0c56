import { AppError } from "../../errors.ts";
import { type ChunkLimits, MEDIA_LIMITS } from "../../protocols/rtmp/chunk-decoder.ts";

/** `connect` and its followers take a kilobyte or two, in a dozen messages, on three chunk streams. */
const BEFORE: ChunkLimits = { maxMessageBytes: 4 * 1024, maxChunkStreams: 8 };
const MAX_BYTES_BEFORE = 32 * 1024;
const MAX_MESSAGES_BEFORE = 64;

/** What a peer may send until its token has let it publish or play. */
export class Introduction {
  #byteCount = 0;
  #messageCount = 0;
  #isComplete = false;

  get limits(): ChunkLimits {
    return this.#isComplete ? MEDIA_LIMITS : BEFORE;
  }

  /** The token was right: from now on the limits are those of media. */
  complete(): ChunkLimits {
    this.#isComplete = true;
    return this.limits;
  }

  /** Throws `rtmp.too-much-before-login`. */
  countBytes(count: number): void {
    this.#byteCount += count;
    this.#check("bytes", this.#byteCount, MAX_BYTES_BEFORE);
  }

  /** Throws `rtmp.too-much-before-login`. */
  countMessage(): void {
    this.#messageCount += 1;
    this.#check("messages", this.#messageCount, MAX_MESSAGES_BEFORE);
  }

  #check(what: string, have: number, limit: number): void {
    if (this.#isComplete || have <= limit) return;
    throw new AppError("peer", "rtmp.too-much-before-login", { what, limit });
  }
}
