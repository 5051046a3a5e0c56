/** Larger announced lengths get their memory as their bytes arrive. */
const FIRST_CAPACITY = 4_096;

/** Gathers exactly `byteCount` bytes that arrive in pieces; the caller has capped `byteCount`. */
export class Collector {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(readonly byteCount: number) {
    this.#bytes = new Uint8Array(Math.min(byteCount, FIRST_CAPACITY));
  }

  /** Copies what is still missing from `source`, starting at `offset`; returns the count of bytes copied. */
  take(source: Uint8Array, offset: number): number {
    const count = Math.min(this.byteCount - this.#length, source.length - offset);
    const length = this.#length + count;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(source.subarray(offset, offset + count), this.#length);
    this.#length = length;
    return count;
  }

  /** The gathered bytes, owned by the caller, or undefined while some are missing. */
  complete(): Uint8Array<ArrayBuffer> | undefined {
    return this.#length === this.byteCount ? this.#bytes : undefined;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(this.byteCount, Math.max(length, this.#bytes.length * 2)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
