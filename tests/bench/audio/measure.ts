import { median } from "../statistics.ts";

/** Something that works on sound. Each file of benches exports `BENCHES: readonly AudioBench[]`. */
export type AudioBench = {
  readonly name: string;
  /** What the project promises, in CPU µs per second of sound; without it the figure is only shown. */
  readonly limitMicros?: number;
  /** Builds what is measured, with its input ready; each call of what it returns works on the next second of sound. */
  readonly prepare: () => () => void;
};

export type AudioTiming = {
  readonly warmUpSeconds: number;
  readonly rounds: number;
  /** Of sound. */
  readonly secondsPerRound: number;
};

/** CPU µs, of all threads of this process, per second of sound: the median of the rounds. */
export function measureMicros(bench: AudioBench, timing: AudioTiming): number {
  const workOnSecond = bench.prepare();
  for (let second = 0; second < timing.warmUpSeconds; second++) workOnSecond();
  const rounds: number[] = [];
  for (let round = 0; round < timing.rounds; round++) {
    const before = process.cpuUsage();
    for (let second = 0; second < timing.secondsPerRound; second++) workOnSecond();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / timing.secondsPerRound);
  }
  return median(rounds);
}
