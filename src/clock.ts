/** A scheduled call; cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The one source of time. Tests put their own in its place. */
export interface Clock {
  /** Milliseconds that only rise; the origin means nothing. */
  nowMs(): number;
  /** Milliseconds since 1970, for records and logs. */
  wallMs(): number;
  after(delayMs: number, run: () => void): Timer;
  /** Runs every `periodMs`, corrected for drift: the n-th run is due n periods after the start. */
  every(periodMs: number, run: () => void): Timer;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, run) {
    let dueMs = performance.now() + periodMs;
    let handle = setTimeout(tick, periodMs);
    function tick(): void {
      const nowMs = performance.now();
      dueMs = Math.max(dueMs + periodMs, nowMs);
      handle = setTimeout(tick, dueMs - nowMs);
      run();
    }
    return { cancel: () => clearTimeout(handle) };
  },
};
