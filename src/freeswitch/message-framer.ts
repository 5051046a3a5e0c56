import { AppError } from "../errors.ts";

const LINE_END = 0x0a;
/** Events carry theirs in the body; what stands before it is a few lines. */
const MAX_HEAD_BYTES = 65_536;
/** A list of thousands of channels. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const FIRST_CAPACITY = 16_384;

/**
 * Cuts the event socket's bytes into whole messages and keeps them within bounds. The package `esl` parses them, but
 * waits for any length that is announced, copies all it has for every piece that comes, and calls itself for each
 * message of a piece.
 */
export class MessageFramer {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #start = 0;
  #end = 0;
  /** Up to here there is no blank line. */
  #searched = 0;
  /** Of the message under way, once its head is whole. */
  #messageByteCount = 0;

  /** Gives each whole message, head, blank line and body, as a view that lives for the call. Throws AppError `esl.…`. */
  push(bytes: Uint8Array, onMessage: (message: Uint8Array) => void): void {
    this.#append(bytes);
    for (let message = this.#take(); message !== undefined; message = this.#take()) onMessage(message);
  }

  #append(bytes: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + bytes.length > this.#bytes.length) {
      const need = held + bytes.length;
      const target =
        need > this.#bytes.length ? new Uint8Array(Math.max(need, this.#bytes.length * 2)) : this.#bytes;
      target.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = target;
      this.#searched -= this.#start;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #take(): Uint8Array | undefined {
    if (this.#messageByteCount === 0) this.#messageByteCount = this.#measure();
    if (this.#messageByteCount === 0 || this.#messageByteCount > this.#end - this.#start) {
      if (this.#start === this.#end) this.#rewind();
      return undefined;
    }
    const message = this.#bytes.subarray(this.#start, this.#start + this.#messageByteCount);
    this.#start += this.#messageByteCount;
    this.#searched = this.#start;
    this.#messageByteCount = 0;
    return message;
  }

  /** An empty buffer starts anew, and a large one that a long list needed is given back. */
  #rewind(): void {
    if (this.#bytes.length > MAX_HEAD_BYTES) this.#bytes = new Uint8Array(FIRST_CAPACITY);
    this.#start = 0;
    this.#end = 0;
    this.#searched = 0;
  }

  /** Of the whole message, 0 while its head is not whole. */
  #measure(): number {
    while (this.#start < this.#end && this.#bytes[this.#start] === LINE_END) this.#start++;
    for (let at = Math.max(this.#searched, this.#start); at + 1 < this.#end; at++) {
      if (this.#bytes[at] === LINE_END && this.#bytes[at + 1] === LINE_END) {
        const headByteCount = at + 2 - this.#start;
        this.#limitHead(headByteCount);
        return headByteCount + readContentLength(this.#bytes.subarray(this.#start, at));
      }
    }
    this.#limitHead(this.#end - this.#start);
    this.#searched = Math.max(this.#start, this.#end - 1);
    return 0;
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
