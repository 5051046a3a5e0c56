/** Writes bits, most significant first. */
export class BitWriter {
  readonly #bits: number[] = [];

  /** `count` bits, at most 31, of an unsigned number. */
  write(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.#bits.push((value >>> i) & 1);
  }

  get length(): number {
    return this.#bits.length;
  }

  align(): void {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
  }

  /** Padded with zeros to whole bytes. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    for (const [i, bit] of this.#bits.entries())
      bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (7 - (i & 7)));
    return bytes;
  }
}
