import { type Delays, summarize } from "../statistics.ts";

/** One side of the end of a caller's next call, in nanoseconds of `monotonicNs`: when it was said, or when it was heard. */
export type CallEnd = { readonly caller: string; readonly atNs: number };

/** How long a call is talked before its end. */
export const TALK_MS = 300;

/** Every other user is hung up on by the telephone; the others hang up. */
export function isHungUpOn(caller: string): boolean {
  return Number(/\d+$/.exec(caller)?.[0]) % 2 === 0;
}

/** From the one side's hang-up to the other's hearing of it. */
export function matchEnds(said: readonly CallEnd[], heard: readonly CallEnd[]): Delays {
  const heardNs = Map.groupBy(heard, ({ caller }) => caller);
  const counts = new Map<string, number>();
  const delaysMs = said.flatMap(({ caller, atNs }) => {
    const n = counts.get(caller) ?? 0;
    counts.set(caller, n + 1);
    const end = heardNs.get(caller)?.[n];
    return end === undefined ? [] : [(end.atNs - atNs) / 1e6];
  });
  return summarize(Float64Array.from(delaysMs));
}
