/** An empty queue that is larger gives its memory back. */
const MOST_KEPT_BYTES = 65_536;

/** Bytes that arrived in pieces and are not used up yet, in one row. Whoever appends keeps it within bounds. */
export class ByteQueue {
  #bytes: Uint8Array<ArrayBuffer>;
  /** What is held lies from #start to #end. */
  #start = 0;
  #end = 0;

  constructor(readonly firstCapacity: number) {
    this.#bytes = new Uint8Array(firstCapacity);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  append(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#bytes.length) this.#makeRoom(piece.length);
    this.#bytes.set(piece, this.#end);
    this.#end += piece.length;
  }

  /** What is held from `from` to `to`, counted from the first byte held: a view that lives until the next `append`. */
  view(from = 0, to = this.length): Uint8Array {
    return this.#bytes.subarray(this.#start + from, this.#start + Math.min(to, this.length));
  }

  /** Where `byte` is at or after `from`; -1 where it is not. */
  indexOf(byte: number, from = 0): number {
    const at = this.#bytes.indexOf(byte, this.#start + from);
    return at === -1 || at >= this.#end ? -1 : at - this.#start;
  }

  /** The first `count` bytes, which are used up: a view that lives until the next `append`. */
  take(count: number): Uint8Array {
    const taken = this.view(0, count);
    this.#start += taken.length;
    if (this.#start === this.#end) this.#rewind();
    return taken;
  }

  #makeRoom(count: number): void {
    const held = this.view();
    const need = held.length + count;
    const isEnough = need <= this.#bytes.length;
    const target = isEnough ? this.#bytes : new Uint8Array(Math.max(need, this.#bytes.length * 2));
    target.set(held);
    this.#bytes = target;
    this.#start = 0;
    this.#end = held.length;
  }

  #rewind(): void {
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#bytes = new Uint8Array(this.firstCapacity);
    this.#start = 0;
    this.#end = 0;
  }
}
