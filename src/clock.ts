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
  /** Of those that have neither run out nor been cancelled: whoever looks for leaks watches it. */
  readonly timerCount: number;
}

/** What waits in `systemClock`. */
const waiting = new Set<Timer>();

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  get timerCount() {
    return waiting.size;
  },
  after(delayMs, run) {
    const handle = setTimeout(() => {
      waiting.delete(timer);
      run();
    }, delayMs);
    const timer = keep(() => handle);
    return timer;
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
    return keep(() => handle);
  },
};

function keep(handleOf: () => ReturnType<typeof setTimeout>): Timer {
  const timer = {
    cancel() {
      waiting.delete(timer);
      clearTimeout(handleOf());
    },
  };
  waiting.add(timer);
  return timer;
}
