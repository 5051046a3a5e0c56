import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { LegSounds, SoundPorts } from "../telephone/leg-sound.ts";
import { VoiceThread, type VoiceThreadOptions } from "./voice-thread.ts";

export type VoiceThreadsOptions = Pick<VoiceThreadOptions, "startWorker"> & {
  readonly setting: Omit<VoiceThreadOptions["setting"], "ports">;
  /** One for each thread. */
  readonly ports: readonly VoiceThreadOptions["setting"]["ports"][];
  readonly clock: Clock;
  readonly log: Logger;
};

/** A thread that was lost is replaced at once, but one that hardly lived only after a while. */
const YOUNG_MS = 10_000;
const REST_MS = 1000;

/** The voice threads. Each has a part of the ports; a new line goes to the one that has the fewest. */
export class VoiceThreads implements LegSounds, AsyncDisposable {
  readonly #options: VoiceThreadsOptions;
  readonly #threads: (VoiceThread | undefined)[] = [];
  #isDisposed = false;

  constructor(options: VoiceThreadsOptions) {
    this.#options = options;
    for (const index of options.ports.keys()) this.#start(index);
  }

  /** Those that run now. */
  get threadCount(): number {
    return this.#running.length;
  }

  /** Pairs of ports that are taken now. */
  get takenCount(): number {
    return this.#running.reduce((sum, { lineCount }) => sum + lineCount, 0);
  }

  /** How late packets are sent of late, on average, by the thread that is least late. */
  get lateMs(): number {
    return Math.min(...this.#running.map(({ lateMs }) => lateMs));
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
    const ports = this.#options.ports[index];
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
