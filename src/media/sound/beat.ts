import type { Clock, Timer } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";

export const BEAT_MS = 20;

/** One timer for all sound that is made here; it runs only while there is any. */
export class Beat {
  readonly #runs = new Map<() => void, Logger>();
  #timer: Timer | undefined;

  constructor(readonly clock: Clock) {}

  /** `log` says whose sound it is. */
  add(run: () => void, log: Logger): Timer {
    this.#runs.set(run, log);
    this.#timer ??= this.clock.every(BEAT_MS, () => this.#runAll());
    return { cancel: () => this.#remove(run) };
  }

  #remove(run: () => void): void {
    this.#runs.delete(run);
    if (this.#runs.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A bug in one costs only that one its sound. */
  #runAll(): void {
    for (const [run, log] of this.#runs) {
      try {
        run();
      } catch (thrown) {
        log.error("sound.failed", { reason: messageOf(thrown) });
        this.#remove(run);
      }
    }
  }
}
