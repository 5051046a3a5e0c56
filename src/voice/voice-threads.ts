import type { Clock } from "../clock.ts";
import { countPairs, type PortRange } from "../config/port-range.ts";
import type { Logger } from "../log.ts";
import type { LegSounds, SoundPorts } from "../telephone/leg-sound.ts";
import { VoiceThread, type VoiceThreadOptions } from "./voice-thread.ts";

export type VoiceThreadsOptions = Pick<VoiceThreadOptions, "startWorker" | "setting"> & {
  /** At least one. */
  readonly count: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A thread that was lost is replaced at once, but one that hardly lived only after a while. */
const YOUNG_MS = 10_000;
const REST_MS = 1000;

/** The voice threads. Each has a part of the ports; a new line goes to the one that has the fewest. */
export class VoiceThreads implements LegSounds, AsyncDisposable {
  readonly #options: VoiceThreadsOptions;
  readonly #ranges: readonly PortRange[];
  readonly #threads: (VoiceThread | undefined)[] = [];
  #isDisposed = false;

  constructor(options: VoiceThreadsOptions) {
    this.#options = options;
    this.#ranges = splitPorts(options.setting.ports, options.count);
    for (const index of this.#ranges.keys()) this.#start(index);
  }

  get sounds(): LegSounds {
    return this;
  }

  /** Those that run now. */
  get threadCount(): number {
    return this.#running.length;
  }

  /** How many pairs of ports are taken now, and how many there are. */
  get portCounts(): { readonly taken: number; readonly all: number } {
    const taken = this.#running.reduce((sum, { lineCount }) => sum + lineCount, 0);
    return { taken, all: countPairs(this.#options.setting.ports) };
  }

  async openPorts(): Promise<SoundPorts | undefined> {
    for (const thread of this.#running.sort((one, other) => one.lineCount - other.lineCount)) {
      const ports = await thread.openPorts();
      if (ports !== undefined) return ports;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await Promise.all(this.#running.map((thread) => thread[Symbol.asyncDispose]()));
  }

  get #running(): VoiceThread[] {
    return this.#threads.filter((thread) => thread !== undefined);
  }

  #start(index: number): void {
    const { setting, startWorker, clock, log } = this.#options;
    const ports = this.#ranges[index];
    if (ports === undefined || this.#isDisposed) return;
    const startedAtMs = clock.nowMs();
    this.#threads[index] = new VoiceThread({
      setting: { ...setting, ports },
      startWorker,
      onLost: () => {
        this.#threads[index] = undefined;
        const isYoung = clock.nowMs() - startedAtMs < YOUNG_MS;
        clock.after(isYoung ? REST_MS : 0, () => this.#start(index));
      },
      clock,
      log: log.with({ thread: index + 1 }),
    });
  }
}

/** As many parts as there are threads, but none without a pair. */
function splitPorts(ports: PortRange, count: number): PortRange[] {
  const pairs = countPairs(ports);
  const parts = Math.min(count, pairs);
  const first = ports.first + (ports.first % 2);
  const begin = (index: number) => first + 2 * Math.floor((index * pairs) / parts);
  return Array.from({ length: parts }, (_, index) => ({ first: begin(index), last: begin(index + 1) - 1 }));
}
