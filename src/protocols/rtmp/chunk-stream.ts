import type { Message } from "./message.ts";

/** The memory of a longer message grows with what has really come. */
const FIRST_ALLOCATION_BYTES = 2_048;
const NOTHING = new Uint8Array(0);

/** What later chunk headers of one chunk stream refer back to, and the message being put together on it. */
export class ChunkStream {
  typeId = 0;
  streamId = 0;
  /** Payload bytes of the message under way or, between messages, of the one before. */
  length = 0;
  timestampMs = 0;
  /** What the timestamp field said, absolute or delta: a type 3 chunk that starts a message adds it again. */
  timestampField = 0;
  isExtended = false;
  isUnderWay = false;
  filled = 0;
  #payload = NOTHING;

  constructor(readonly id: number) {}

  append(bytes: Uint8Array, from: number, count: number): void {
    const need = this.filled + count;
    if (need > this.#payload.length) this.#grow(need);
    const whole = from === 0 && count === bytes.length;
    this.#payload.set(whole ? bytes : bytes.subarray(from, from + count), this.filled);
    this.filled = need;
  }

  finish(): Message {
    const payload = this.#payload;
    this.drop();
    return {
      chunkStreamId: this.id,
      typeId: this.typeId,
      streamId: this.streamId,
      timestampMs: this.timestampMs,
      payload,
    };
  }

  drop(): void {
    this.isUnderWay = false;
    this.filled = 0;
    this.#payload = NOTHING;
  }

  #grow(need: number): void {
    const capacity = Math.max(need, FIRST_ALLOCATION_BYTES, this.#payload.length * 2);
    const larger = new Uint8Array(Math.min(this.length, capacity));
    if (this.filled > 0) larger.set(this.#payload);
    this.#payload = larger;
  }
}
