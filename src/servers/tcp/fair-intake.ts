import type { Turns, Waiter } from "./turns.ts";

type PausableSocket = { pause(): void; resume(): void };

/** What those begin with whose pieces grow while they are cheap, and shrink while they are dear. */
const FIRST_SLICE_BYTES = 2048;
const LEAST_SLICE_BYTES = 256;

/**
 * Hands a peer's bytes on in the turns that it shares with others, a slice at a time. While bytes wait for their turn the
 * socket is paused, so that no more come.
 */
export class FairIntake implements Waiter {
  #turns: Turns;
  #sliceBytes: number;
  #backlog: Uint8Array | undefined;
  #onDone: (() => void) | undefined;
  #isClosed = false;
  #isDropped = false;

  /** `handOn` must not throw. */
  constructor(
    readonly socket: PausableSocket,
    turns: Turns,
    readonly handOn: (bytes: Uint8Array) => void,
  ) {
    this.#turns = turns;
    this.#sliceBytes = firstSlice(turns);
  }

  /** From now on it shares these. */
  set turns(turns: Turns) {
    if (turns === this.#turns) return;
    this.#turns.leave(this);
    this.#turns = turns;
    this.#sliceBytes = firstSlice(turns);
    if (this.#backlog !== undefined) turns.wait(this);
  }

  push(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#backlog !== undefined) {
      this.#backlog = Buffer.concat([this.#backlog, bytes]);
      return;
    }
    let at = 0;
    this.#isDropped = false;
    while (at < bytes.length && !this.#isClosed && !this.#isDropped) {
      const slice = bytes.subarray(at, at + this.#sliceBytes);
      if (!this.#turns.run(() => this.#handOn(slice))) break;
      at += slice.length;
    }
    if (this.#isDropped) freeAtOnce(bytes);
    else if (at < bytes.length && !this.#isClosed) this.#wait(bytes.subarray(at));
  }

  takeTurn(): boolean {
    const backlog = this.#backlog;
    if (backlog === undefined) return false;
    const sliceBytes = this.#sliceBytes;
    this.#backlog = backlog.length > sliceBytes ? backlog.subarray(sliceBytes) : undefined;
    this.#handOn(backlog.subarray(0, sliceBytes));
    if (this.#isClosed) return false;
    if (this.#backlog !== undefined) return true;
    if (this.#onDone === undefined) this.socket.resume();
    else this.finish(this.#onDone);
    return false;
  }

  /** The peer is gone: what it had sent before is handed on in its turns, as it would have been, then `onDone` is called. */
  finish(onDone: () => void): void {
    if (this.#backlog !== undefined) {
      this.#onDone = onDone;
      return;
    }
    this.#isClosed = true;
    onDone();
  }

  /** Nothing is handed on any more. */
  close(): void {
    this.#isClosed = true;
    this.drop();
  }

  /** What has come so far is not handed on; what comes later will be. */
  drop(): void {
    this.#isDropped = true;
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    this.#backlog = undefined;
    this.#turns.leave(this);
    if (!this.#isClosed) this.socket.resume();
    freeAtOnce(backlog);
  }

  #handOn(slice: Uint8Array): void {
    const { clock, options } = this.#turns;
    const startMs = clock.nowMs();
    this.handOn(slice);
    const { pieceMs, sliceBytes } = options;
    if (pieceMs === undefined) return;
    const tookMs = clock.nowMs() - startMs;
    if (tookMs > pieceMs) this.#sliceBytes = Math.max(LEAST_SLICE_BYTES, this.#sliceBytes >> 1);
    else if (tookMs < pieceMs / 4) this.#sliceBytes = Math.min(sliceBytes, this.#sliceBytes * 2);
  }

  #wait(rest: Uint8Array): void {
    this.#backlog = rest;
    this.socket.pause();
    this.#turns.wait(this);
  }
}

function firstSlice({ options: { pieceMs, sliceBytes } }: Turns): number {
  return pieceMs === undefined ? sliceBytes : Math.min(sliceBytes, FIRST_SLICE_BYTES);
}

/** Beyond what the runtime shares among small buffers. */
const WORTH_FREEING_BYTES = 16 * 1024;

/**
 * Gives the memory of bytes back that nobody reads any more, however late the engine would notice: a flood brings half a
 * megabyte with each connection. Nothing may hold a view of it.
 */
export function freeAtOnce({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= WORTH_FREEING_BYTES) buffer.transfer(0);
}
