import type { Clock, Timer } from "../../clock.ts";

/** What a peer may have worked through in one go. Telephone frames come one at a time and are far below it. */
const SLICE_BYTES = 16 * 1024;
/** After this time it is the others' turn. */
const TURN_MS = 5;

type PausableSocket = { pause(): void; resume(): void };

/**
 * Hands a peer's bytes on in turns. Whose bytes take long to work through, such as a flood of tiny frames, waits with
 * its socket paused while the others are served.
 */
export class FairIntake {
  #backlog: Uint8Array | undefined;
  #nextTurn: Timer | undefined;
  #isClosed = false;
  #done: (() => void) | undefined;

  /** `handOn` must not throw. */
  constructor(
    readonly socket: PausableSocket,
    readonly clock: Clock,
    readonly handOn: (bytes: Uint8Array) => void,
  ) {}

  push(bytes: Uint8Array): void {
    if (!this.divides(bytes)) this.handOn(bytes);
  }

  /** False for what may be worked through in one go. What is more is taken, and handed on in turns. */
  divides(bytes: Uint8Array): boolean {
    if (this.#backlog !== undefined) this.#backlog = Buffer.concat([this.#backlog, bytes]);
    else if (bytes.length <= SLICE_BYTES) return false;
    else this.#takeTurn(bytes);
    return true;
  }

  /**
   * No more bytes come. What waits is handed on in its turns, and then `done` is called, at once where nothing waits. A
   * plain socket that is paused tells its end after its bytes, an encrypted one at once.
   */
  finish(done: () => void): void {
    if (this.#backlog === undefined) done();
    else this.#done = done;
  }

  close(): void {
    this.#isClosed = true;
    this.#backlog = undefined;
    this.#nextTurn?.cancel();
  }

  #takeTurn(bytes: Uint8Array): void {
    const startMs = this.clock.nowMs();
    for (let at = 0; at < bytes.length && !this.#isClosed; ) {
      this.handOn(bytes.subarray(at, at + SLICE_BYTES));
      at += SLICE_BYTES;
      if (at < bytes.length && this.clock.nowMs() - startMs >= TURN_MS) {
        this.#wait(bytes.subarray(at));
        return;
      }
    }
  }

  #wait(rest: Uint8Array): void {
    if (this.#isClosed) return;
    this.#backlog = rest;
    this.socket.pause();
    this.#nextTurn = this.clock.after(0, () => this.#goOn());
  }

  #goOn(): void {
    const backlog = this.#backlog;
    this.#backlog = undefined;
    if (backlog !== undefined) this.#takeTurn(backlog);
    if (this.#backlog !== undefined || this.#isClosed) return;
    if (this.#done === undefined) this.socket.resume();
    else this.#done();
  }
}
