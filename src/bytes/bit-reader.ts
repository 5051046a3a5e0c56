import { AppError } from "../errors.ts";

/**
 * Past the end every bit is 0, and only `isOverrun` tells. Whoever reads on and on checks it before this many bits;
 * until then no read leaves the array, which would be right but slow.
 */
const MARGIN_BITS = 8192;

/**
 * Reads bits, most significant first, from a copy of the bytes in words of 32 bits. One reader serves many inputs and
 * allocates nothing for them. Loops that cannot afford a call per code take `words` and `position` into local variables.
 */
export class BitReader {
  readonly words: Int32Array;
  /** In bits from the start. */
  position = 0;
  #bitLength = 0;
  /** Words from here on are 0. */
  #usedWords = 0;

  /** `what` names the structure in errors: `<what>.too-long`, `<what>.truncated`. */
  constructor(
    readonly maxByteCount: number,
    readonly what: string,
  ) {
    this.words = new Int32Array((maxByteCount >> 2) + 2 + MARGIN_BITS / 32);
  }

  /** Begins anew with these bytes. Throws an AppError of the peer when they are more than `maxByteCount`. */
  load(bytes: Uint8Array): void {
    const length = bytes.length;
    if (length > this.maxByteCount) {
      throw new AppError("peer", `${this.what}.too-long`, { have: length, limit: this.maxByteCount });
    }
    const words = this.words;
    const whole = length >> 2;
    for (let i = 0, at = 0; i < whole; i++, at += 4) {
      words[i] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0);
    }
    let used = whole;
    if ((length & 3) !== 0) {
      let last = 0;
      for (let at = whole << 2; at < length; at++) last |= (bytes[at] ?? 0) << (24 - 8 * (at & 3));
      words[used++] = last;
    }
    for (let i = used; i < this.#usedWords; i++) words[i] = 0;
    this.#usedWords = used;
    this.#bitLength = length * 8;
    this.position = 0;
  }

  /** The next 32 bits as a signed number. */
  peek32(): number {
    const { words, position } = this;
    const at = position >> 5;
    const shift = position & 31;
    return ((words[at] ?? 0) << shift) | (((words[at + 1] ?? 0) >>> 1) >>> (31 - shift));
  }

  /** An unsigned number of 1 to 31 bits. */
  read(count: number): number {
    const bits = this.peek32() >>> (32 - count);
    this.position += count;
    return bits;
  }

  readFlag(): boolean {
    return this.read(1) !== 0;
  }

  skip(count: number): void {
    this.position += count;
  }

  /** To the next byte. */
  align(): void {
    this.position = (this.position + 7) & ~7;
  }

  get isOverrun(): boolean {
    return this.position > this.#bitLength;
  }

  /** Throws an AppError of the peer when more was read than there is. */
  checkOverrun(): void {
    if (!this.isOverrun) return;
    throw new AppError("peer", `${this.what}.truncated`, { need: this.position, have: this.#bitLength });
  }
}
