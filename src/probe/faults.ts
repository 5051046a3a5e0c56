import type { DirectionReport } from "./direction.ts";

/** What a person would notice in a call. */
const MOST_SET_UP_MS = 1000;
const MOST_DELAY_MS = 250;
const MOST_LOSS = 0.01;

/** Why the installation is not fit for calls, a line each; empty when it is. */
export function findFaults(setUpMs: number, directions: readonly DirectionReport[]): string[] {
  const faults: string[] = [];
  if (setUpMs > MOST_SET_UP_MS) faults.push(`the call took ${Math.round(setUpMs)} ms to arrive`);
  for (const { name, sent, received, delaysMs } of directions) {
    const medianMs = percentile(delaysMs, 0.5);
    if (received === 0) faults.push(`${name}: no sound arrived`);
    else if (sent - received > sent * MOST_LOSS)
      faults.push(`${name}: ${sent - received} of ${sent} frames lost`);
    if (medianMs !== undefined && medianMs > MOST_DELAY_MS) {
      faults.push(`${name}: sound is ${Math.round(medianMs)} ms late`);
    }
  }
  return faults;
}

/** Of ascending values; undefined when there are none. */
export function percentile(ascending: readonly number[], share: number): number | undefined {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))];
}
