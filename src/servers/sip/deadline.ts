import type { Clock, Timer } from "../../clock.ts";

/** One timer for a deadline that moves. */
export class Deadline implements Disposable {
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(
    readonly clock: Clock,
    readonly run: () => void,
  ) {}

  /** Infinity for never. */
  set(dueMs: number): void {
    if (dueMs === this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.clock.after(Math.max(0, dueMs - this.clock.nowMs()), () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.run();
    });
  }

  [Symbol.dispose](): void {
    this.set(Number.POSITIVE_INFINITY);
  }
}
