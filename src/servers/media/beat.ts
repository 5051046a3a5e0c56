import type { Clock, Timer } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";

export const BEAT_MS = 20;

/** One timer for all sound that is made here; it runs only while there is any. */
export class Beat {
  readonly #runs = new Set<() => void>();
  #timer: Timer | undefined;

  constructor(
    readonly clock: Clock,
    readonly log: Logger,
  ) {}

  add(run: () => void): Timer {
    this.#runs.add(run);
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
    for (const run of this.#runs) {
      try {
        run();
      } catch (thrown) {
        this.log.error("sound.failed", { reason: messageOf(thrown) });
        this.#remove(run);
      }
    }
  }
}
