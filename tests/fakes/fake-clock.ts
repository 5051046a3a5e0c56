import type { Clock, Timer } from "../../src/clock.ts";

type Scheduled = { dueMs: number; readonly periodMs: number | undefined; readonly run: () => void };

/** Older than any time-out: what was never set, and reads 0, is long ago. */
const LATE_MS = 1e9;
const START_WALL_MS = Date.UTC(2026, 0, 1);

/** A clock that stands still until `advance` moves it; due timers run in order, at their own time. */
export class FakeClock implements Clock {
  readonly startMs: number;
  #nowMs: number;
  readonly #timers = new Set<Scheduled>();

  /** @param startMs 0 where a test counts from it */
  constructor(startMs = LATE_MS) {
    this.startMs = startMs;
    this.#nowMs = startMs;
  }

  /** How many timers wait: a test for leaks expects the number it began with. */
  get timerCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Since it was made. */
  get passedMs(): number {
    return this.#nowMs - this.startMs;
  }

  wallMs(): number {
    return START_WALL_MS + this.passedMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#schedule({ dueMs: this.#nowMs + Math.max(0, delayMs), periodMs: undefined, run });
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#schedule({ dueMs: this.#nowMs + periodMs, periodMs, run });
  }

  /** Moves time on by `durationMs`, running what falls due on the way, timers made on the way included. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (next.periodMs === undefined) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.run();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** Time that running code takes: it passes, but no timer can run meanwhile. */
  skip(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  #schedule(timer: Scheduled): Timer {
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  #nextDue(endMs: number): Scheduled | undefined {
    let next: Scheduled | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}
