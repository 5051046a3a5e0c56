import { AppError } from "../errors.ts";

/** Reads big-endian numbers (and the few little-endian ones) from bytes; every read is bounds-checked. */
export class Reader {
  readonly #view: DataView;
  #offset = 0;

  /** `what` names the structure in the error: `<what>.truncated`. */
  constructor(
    readonly bytes: Uint8Array,
    readonly what: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u24(): number {
    const at = this.#take(3);
    return (this.#view.getUint16(at) << 8) | this.#view.getUint8(at + 2);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u32le(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** A view into the source, not a copy. */
  view(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  rest(): Uint8Array {
    return this.view(this.remaining);
  }

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.bytes.length - at) {
      throw new AppError("peer", `${this.what}.truncated`, { need: length, have: this.bytes.length - at });
    }
    this.#offset = at + length;
    return at;
  }
}
