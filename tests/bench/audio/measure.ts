import { median } from "../statistics.ts";

/** Something that works on sound. Each file of benches exports `BENCHES: readonly AudioBench[]`. */
export type AudioBench = {
  readonly name: string;
  /** What the project promises, in CPU µs per second of sound; without it the figure is only shown. */
  readonly limitMicros?: number;
  /** Builds what is measured, with its input ready; each call of what it returns works on the next second of sound. */
  readonly prepare: () => () => void;
};

export type AudioTiming = { readonly warmUpMs: number; readonly rounds: number; readonly roundMs: number };

/** CPU µs, of all threads of this process, per second of sound: the median of the rounds. */
export function measureMicros(bench: AudioBench, { warmUpMs, rounds, roundMs }: AudioTiming): number {
  const workOnSecond = bench.prepare();
  repeat(workOnSecond, warmUpMs);
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const secondCount = repeat(workOnSecond, roundMs);
    const { user, system } = process.cpuUsage(before);
    figures.push((user + system) / secondCount);
  }
  return median(figures);
}

function repeat(work: () => void, forMs: number): number {
  let count = 0;
  for (const endMs = performance.now() + forMs; performance.now() < endMs; count++) work();
  return count;
}
