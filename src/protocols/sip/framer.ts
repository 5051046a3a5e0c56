import { ByteQueue } from "../../bytes/byte-queue.ts";
import { AppError } from "../../errors.ts";
import {
  bodyLengthOf,
  decodeHead,
  findBody,
  isRequest,
  MAX_MESSAGE_BYTES,
  type SipMessage,
  skipEmptyLines,
} from "./message.ts";

/** What arrived on a connection: a message, or the two empty lines by which RFC 5626 asks for one in return. */
export type Framed = { readonly kind: "message"; readonly message: SipMessage } | { readonly kind: "ping" };

const PING_BYTES = 4;
const HEAD_END_BYTES = 4;
const FIRST_CAPACITY = 2048;

/** Cuts a TCP stream into messages (RFC 3261, section 18.3). After a throw the connection is of no more use. */
export class SipFramer {
  readonly #held = new ByteQueue(FIRST_CAPACITY);
  /** Of what is held: up to here there is no end of a head. */
  #searched = 0;
  /** The head that came, while its body is awaited. */
  #head: { readonly message: SipMessage; readonly bodyLength: number } | undefined;

  /**
   * Messages own their memory. Throws AppError `sip.*` for a message without a sure Content-Length, of more than
   * 64 KiB, or with a head that is none; what came before it has been given out.
   */
  push(bytes: Uint8Array, onFramed: (framed: Framed) => void): void {
    for (let at = 0; at < bytes.length; at += MAX_MESSAGE_BYTES) {
      this.#held.append(bytes.subarray(at, at + MAX_MESSAGE_BYTES));
      for (let next = this.#take(); next !== undefined; next = this.#take()) onFramed(next);
    }
  }

  #take(): Framed | undefined {
    if (this.#head === undefined && this.#takePing()) return { kind: "ping" };
    this.#head ??= this.#takeHead();
    if (this.#head === undefined || this.#held.length < this.#head.bodyLength) return undefined;
    const { message, bodyLength } = this.#head;
    const body = this.#held.take(bodyLength).slice();
    this.#head = undefined;
    return { kind: "message", message: isRequest(message) ? { ...message, body } : { ...message, body } };
  }

  #takePing(): boolean {
    const isPing = skipEmptyLines(this.#held.view(0, PING_BYTES)) === PING_BYTES;
    if (isPing) this.#use(PING_BYTES);
    return isPing;
  }

  #takeHead(): { message: SipMessage; bodyLength: number } | undefined {
    const held = this.#held.view();
    const from = skipEmptyLines(held);
    const bodyAt = findBody(held, Math.max(from, this.#searched));
    if (bodyAt === undefined) {
      this.#searched = Math.max(0, held.length - HEAD_END_BYTES + 1);
      checkLength(held.length);
      return undefined;
    }
    checkLength(bodyAt);
    const message = decodeHead(held.subarray(from, bodyAt));
    const bodyLength = bodyLengthOf(message.headers);
    if (bodyLength === undefined) throw new AppError("peer", "sip.no-content-length");
    checkLength(bodyAt + bodyLength);
    this.#use(bodyAt);
    return { message, bodyLength };
  }

  #use(byteCount: number): void {
    this.#held.take(byteCount);
    this.#searched = 0;
  }
}

function checkLength(have: number): void {
  if (have <= MAX_MESSAGE_BYTES) return;
  throw new AppError("peer", "sip.message-too-long", { have, limit: MAX_MESSAGE_BYTES });
}
