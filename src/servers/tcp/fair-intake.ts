import type { Turns, Waiter } from "./turns.ts";

type PausableSocket = { pause(): void; resume(): void };

/**
 * Hands a peer's bytes on in the turns that it shares with others, a slice at a time. While bytes wait for their turn the
 * socket is paused, so that no more come.
 */
export class FairIntake implements Waiter {
  #turns: Turns;
  #backlog: Uint8Array | undefined;
  #isClosed = false;

  /** `handOn` must not throw. */
  constructor(
    readonly socket: PausableSocket,
    turns: Turns,
    readonly handOn: (bytes: Uint8Array) => void,
  ) {
    this.#turns = turns;
  }

  /** From now on it shares these. */
  set turns(turns: Turns) {
    if (turns === this.#turns) return;
    this.#turns.leave(this);
    this.#turns = turns;
    if (this.#backlog !== undefined) turns.wait(this);
  }

  push(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#backlog !== undefined) {
      this.#backlog = Buffer.concat([this.#backlog, bytes]);
      return;
    }
    let at = 0;
    while (at < bytes.length && !this.#isClosed) {
      const slice = bytes.subarray(at, at + this.#turns.options.sliceBytes);
      if (!this.#turns.run(() => this.handOn(slice))) break;
      at += slice.length;
    }
    if (at < bytes.length && !this.#isClosed) this.#wait(bytes.subarray(at));
  }

  takeTurn(): boolean {
    const backlog = this.#backlog;
    if (backlog === undefined) return false;
    const { sliceBytes } = this.#turns.options;
    this.#backlog = backlog.length > sliceBytes ? backlog.subarray(sliceBytes) : undefined;
    this.handOn(backlog.subarray(0, sliceBytes));
    if (this.#isClosed) return false;
    if (this.#backlog === undefined) this.socket.resume();
    return this.#backlog !== undefined;
  }

  /** The peer is gone: what it had sent before is handed on now, as it would have been. */
  finish(): void {
    const backlog = this.#backlog;
    this.close();
    if (backlog !== undefined) this.handOn(backlog);
  }

  /** Nothing is handed on any more. */
  close(): void {
    this.#isClosed = true;
    this.#backlog = undefined;
    this.#turns.leave(this);
  }

  #wait(rest: Uint8Array): void {
    this.#backlog = rest;
    this.socket.pause();
    this.#turns.wait(this);
  }
}
