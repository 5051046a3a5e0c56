import { ByteQueue } from "../bytes/byte-queue.ts";
import { AppError } from "../errors.ts";

const LINE_END = 0x0a;
/** Events have their headers in the body. The head before it is a few lines. */
const MAX_HEAD_BYTES = 65_536;
/** This is enough for a list of thousands of channels. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const FIRST_CAPACITY = 16_384;

/**
 * Cuts the event socket's bytes into whole messages and keeps them within bounds. The package `esl` parses them, but
 * waits for any length that is announced, copies all it has for every piece that comes, and calls itself for each
 * message of a piece.
 */
export class MessageFramer {
  readonly #held = new ByteQueue(FIRST_CAPACITY);
  /** Up to here no blank line was found in what is held. */
  #searched = 0;
  /** The length of the message under way; 0 until its head is whole. */
  #messageByteCount = 0;

  /** Gives each whole message, head, blank line and body, as a view that lives for the call. Throws AppError `esl.…`. */
  push(bytes: Uint8Array, onMessage: (message: Uint8Array) => void): void {
    this.#held.append(bytes);
    for (let message = this.#take(); message !== undefined; message = this.#take()) onMessage(message);
  }

  #take(): Uint8Array | undefined {
    if (this.#messageByteCount === 0) this.#messageByteCount = this.#measure();
    if (this.#messageByteCount === 0 || this.#messageByteCount > this.#held.length) return undefined;
    const message = this.#held.take(this.#messageByteCount);
    this.#searched = 0;
    this.#messageByteCount = 0;
    return message;
  }

  /** Returns the length of the whole message, 0 while its head is not whole. */
  #measure(): number {
    this.#dropBlankLines();
    for (let at = this.#searched; at !== -1; at = this.#held.indexOf(LINE_END, at + 1)) {
      const [end, next] = this.#held.view(at, at + 2);
      if (end !== LINE_END || next !== LINE_END) continue;
      const headByteCount = at + 2;
      this.#limitHead(headByteCount);
      return headByteCount + readContentLength(this.#held.view(0, at));
    }
    this.#limitHead(this.#held.length);
    this.#searched = Math.max(0, this.#held.length - 1);
    return 0;
  }

  #dropBlankLines(): void {
    let count = 0;
    for (const byte of this.#held.view()) {
      if (byte !== LINE_END) break;
      count += 1;
    }
    if (count === 0) return;
    this.#held.take(count);
    this.#searched = 0;
  }

  #limitHead(byteCount: number): void {
    if (byteCount <= MAX_HEAD_BYTES) return;
    throw new AppError("peer", "esl.head-too-long", { have: byteCount, limit: MAX_HEAD_BYTES });
  }
}

/** Strict where `esl` is not, so that both always agree on where a message ends. */
function readContentLength(head: Uint8Array): number {
  const fields = Buffer.from(head.buffer, head.byteOffset, head.length)
    .toString("latin1")
    .split("\n")
    .filter((line) => line.startsWith("Content-Length"));
  const [field] = fields;
  if (field === undefined) return 0;
  const digits = /^Content-Length: (\d{1,10})$/.exec(field)?.[1];
  if (digits === undefined || fields.length > 1) throw new AppError("peer", "esl.bad-length");
  const have = Number(digits);
  if (have > MAX_BODY_BYTES) throw new AppError("peer", "esl.body-too-long", { have, limit: MAX_BODY_BYTES });
  return have;
}
