import type { Clock, Timer } from "../clock.ts";

const LOOK_MS = 200;
/** A busy machine makes one wait, too, but not for so long. */
const LEAST_MS = 1_000;

/** Notices that the whole program stood still: somebody stopped it, or its machine slept. Others went on meanwhile. */
export class Standstill implements Disposable {
  readonly #looking: Timer;
  #lookedAtMs: number;
  #endedAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#lookedAtMs = clock.nowMs();
    this.#looking = clock.every(LOOK_MS, () => void this.look(clock.nowMs()));
  }

  /** When the last one ended; undefined if there was none. To be asked before what came meanwhile is handled. */
  look(nowMs: number): number | undefined {
    if (nowMs - this.#lookedAtMs >= LEAST_MS) this.#endedAtMs = nowMs;
    this.#lookedAtMs = nowMs;
    return this.#endedAtMs;
  }

  [Symbol.dispose](): void {
    this.#looking.cancel();
  }
}
