/** The first bytes of the memory: how far was written, how far was read, and whether the reader was called. */
const HEAD_BYTE_COUNT = 64;
const WRITTEN = 0;
const READ = 1;
const BELL = 2;
/** A record begins with its length. */
const LENGTH_BYTE_COUNT = 8;
/** Instead of a length: the next record stands at the beginning. */
const WRAPPED = 0xffff_ffff;

/**
 * Memory for a ring of records from one thread to one other, without locks.
 * @param byteCount a power of two; a record may have a quarter of it
 */
export function createSharedRing(byteCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTE_COUNT + byteCount);
}

/** What both ends know. Positions are unsigned 32 bits that wrap; a power of two divides their range. */
abstract class RingEnd {
  protected readonly state: Int32Array;
  /** Where records lie, for whoever writes or reads them. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  protected readonly size: number;

  constructor(memory: SharedArrayBuffer) {
    this.state = new Int32Array(memory, 0, HEAD_BYTE_COUNT / 4);
    this.bytes = new Uint8Array(memory, HEAD_BYTE_COUNT);
    this.view = new DataView(memory, HEAD_BYTE_COUNT);
    this.size = this.bytes.byteLength;
  }

  protected positionOf(which: number): number {
    return Atomics.load(this.state, which) >>> 0;
  }
}

/** The end that writes. */
export class RingWriter extends RingEnd {
  readonly #wake: () => void;
  /** Where the record ends that is being written. */
  #end = 0;

  /** @param wake calls the reader, which then reads all; it is not called again before the reader has begun to */
  constructor(memory: SharedArrayBuffer, wake: () => void) {
    super(memory);
    this.#wake = wake;
  }

  /**
   * Makes room for one record, which is then to be written whole and committed.
   * @returns where it begins in `bytes` and `view`; -1 when there is no room
   */
  reserve(byteCount: number): number {
    const start = this.positionOf(WRITTEN);
    const offset = start & (this.size - 1);
    const taken = LENGTH_BYTE_COUNT + roundUp(byteCount);
    const skipped = offset + taken > this.size ? this.size - offset : 0;
    if (byteCount > this.size / 4 || skipped + taken > this.#roomAfter(start)) return -1;
    if (skipped > 0) this.view.setUint32(offset, WRAPPED);
    const at = skipped > 0 ? 0 : offset;
    this.view.setUint32(at, byteCount);
    this.#end = start + skipped + taken;
    return at + LENGTH_BYTE_COUNT;
  }

  /** Gives the record to the reader. */
  commit(): void {
    Atomics.store(this.state, WRITTEN, this.#end | 0);
    if (Atomics.exchange(this.state, BELL, 1) === 0) this.#wake();
  }

  #roomAfter(start: number): number {
    return this.size - ((start - this.positionOf(READ)) >>> 0);
  }
}

/** Gets where a record begins and how long it is; its bytes are valid during the call only. */
export type OnRecord = (at: number, byteCount: number) => void;

/** The end that reads. */
export class RingReader extends RingEnd {
  /** Hands out every record that was written. A record that `onRecord` throws at counts as read. */
  readAll(onRecord: OnRecord): void {
    Atomics.store(this.state, BELL, 0);
    for (;;) {
      const position = this.positionOf(READ);
      if (position === this.positionOf(WRITTEN)) return;
      this.#readOne(position, onRecord);
    }
  }

  #readOne(position: number, onRecord: OnRecord): void {
    const offset = position & (this.size - 1);
    const byteCount = this.view.getUint32(offset);
    const isWrap = byteCount === WRAPPED;
    try {
      if (!isWrap) onRecord(offset + LENGTH_BYTE_COUNT, byteCount);
    } finally {
      const step = isWrap ? this.size - offset : LENGTH_BYTE_COUNT + roundUp(byteCount);
      Atomics.store(this.state, READ, (position + step) | 0);
    }
  }
}

/** Records begin at multiples of 8, so that the length of the next always fits before the end. */
function roundUp(byteCount: number): number {
  return (byteCount + 7) & ~7;
}
