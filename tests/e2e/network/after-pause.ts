import { expect } from "bun:test";
import type { Arrival, DistantPlayer } from "./distant-player.ts";
import { FRAME_PERIOD_MS } from "./stamped-frames.ts";

/** What a player was handed after it could not be reached, or did not read, for a while. */
export type AfterPause = {
  /**
   * Sound that TCP had been given before the pause could be noticed: the frames up to the gap. TCP delivers what it
   * has taken, and first; so nothing that a server does later spares the player these.
   */
  readonly staleMs: number;
  /** Age on arrival of the first frame that the gateway sent after it had noticed: the one behind the gap. */
  readonly freshAgeMs: number;
  /** The oldest of all frames behind the gap. */
  readonly oldestFreshAgeMs: number;
  /** From the end of the pause to the first frame of any age. */
  readonly firstAfterMs: number;
  readonly droppedCount: number;
};

/** @param resumedMs when the pause ended, by `performance.now()` */
export function describeAfterPause(arrivals: readonly Arrival[], resumedMs: number): AfterPause {
  const after = arrivals.filter(({ atMs }) => atMs >= resumedMs);
  const before = arrivals.findLast(({ atMs }) => atMs < resumedMs);
  const first = after[0];
  if (before === undefined || first === undefined)
    throw new Error("no frames before the pause, or none after it");
  const staleCount = after.findIndex(({ sequence }, index) => sequence !== before.sequence + 1 + index);
  const fresh = staleCount < 0 ? [] : after.slice(staleCount);
  return {
    staleMs: (staleCount < 0 ? after.length : staleCount) * FRAME_PERIOD_MS,
    freshAgeMs: fresh[0]?.ageMs ?? Number.NaN,
    oldestFreshAgeMs: Math.max(...fresh.map(({ ageMs }) => ageMs)),
    firstAfterMs: first.atMs - resumedMs,
    droppedCount: fresh[0] === undefined ? 0 : fresh[0].sequence - (before.sequence + 1 + staleCount),
  };
}

/** Little of what was sent before the pause, then frames sent after it: nothing of the ten seconds between. */
export function expectFreshSound(
  { name, arrivals }: DistantPlayer,
  resumedMs: number,
  most: { readonly staleMs: number; readonly freshAgeMs: number },
): void {
  const found = describeAfterPause(arrivals, resumedMs);
  expect(found.staleMs, name).toBeLessThanOrEqual(most.staleMs);
  expect(found.freshAgeMs, name).toBeLessThanOrEqual(most.freshAgeMs);
  expect(found.oldestFreshAgeMs, name).toBeLessThanOrEqual(most.freshAgeMs);
  expect(found.droppedCount, name).toBeGreaterThan(400);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
