import { AppError } from "../errors.ts";

/** Writes numbers bit by bit, the highest bit first, into a buffer of fixed size that is used again and again. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  /** A view for each length that came up, so that nothing is allocated per use once each was seen. */
  readonly #views: (Uint8Array | undefined)[];
  #length = 0;
  #pending = 0;
  #pendingCount = 0;

  constructor(readonly capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#views = new Array<Uint8Array | undefined>(capacity + 1).fill(undefined);
  }

  get bitLength(): number {
    return this.#length * 8 + this.#pendingCount;
  }

  reset(): void {
    this.#length = 0;
    this.#pending = 0;
    this.#pendingCount = 0;
  }

  /** `value` must fit into `bitCount` bits, at most 24. */
  write(value: number, bitCount: number): void {
    let pending = (this.#pending << bitCount) | value;
    let count = this.#pendingCount + bitCount;
    while (count >= 8) {
      count -= 8;
      this.#bytes[this.#length++] = pending >>> count;
    }
    pending &= (1 << count) - 1;
    this.#pending = pending;
    this.#pendingCount = count;
  }

  /** Fills the last byte up with zeros. Returns a view, valid until the next `reset`. Throws AppError `bug` if too much was written. */
  finish(): Uint8Array {
    if (this.#pendingCount > 0) this.write(0, 8 - this.#pendingCount);
    if (this.#length > this.capacity)
      throw new AppError("bug", "bits.too-many", { have: this.#length, limit: this.capacity });
    const known = this.#views[this.#length];
    if (known !== undefined) return known;
    const view = this.#bytes.subarray(0, this.#length);
    this.#views[this.#length] = view;
    return view;
  }
}
