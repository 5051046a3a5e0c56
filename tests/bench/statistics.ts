export type Delays = {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** Collects delays while it is recording, without allocating per sample. */
export class DelayRecorder {
  #samplesMs = new Float64Array(65_536);
  #count = 0;
  recording = false;

  add(delayMs: number): void {
    if (!this.recording) return;
    if (this.#count === this.#samplesMs.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#samplesMs);
      this.#samplesMs = larger;
    }
    this.#samplesMs[this.#count++] = delayMs;
  }

  /** Forgets what was collected and starts anew. */
  start(): void {
    this.#count = 0;
    this.recording = true;
  }

  stop(): Delays {
    this.recording = false;
    return summarize(this.#samplesMs.slice(0, this.#count));
  }
}

/** Sorts `samplesMs` in place. */
export function summarize(samplesMs: Float64Array): Delays {
  samplesMs.sort();
  return {
    count: samplesMs.length,
    p50Ms: quantile(samplesMs, 0.5),
    p99Ms: quantile(samplesMs, 0.99),
    maxMs: quantile(samplesMs, 1),
  };
}

/** The medians of some rounds, and the longest delay of any: a machine's moods fall on single rounds. */
export function summarizeRounds(rounds: readonly Delays[]): Delays {
  return {
    count: rounds.reduce((sum, { count }) => sum + count, 0),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    maxMs: Math.max(...rounds.map(({ maxMs }) => maxMs)),
  };
}

export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
