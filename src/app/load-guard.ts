import type { Clock, Timer } from "../clock.ts";
import type { Logger } from "../log.ts";
import { Lateness } from "../media/lateness.ts";

/** At an average of so much, one packet in a hundred is about 20 ms late, which is heard. */
const REFUSE_MS = 5;
const ADMIT_MS = 2;
/** So long it must last: the first seconds of a call, and of this program, cost more than the others. */
const LASTS_MS = 2000;
/** With less of one core it is others who take the machine, and refusing calls would help nobody. */
const BUSY_SHARE = 0.5;
const LOOK_MS = 50;

export type LoadGuardOptions = {
  /** How late telephones' packets are sent of late, on average. */
  readonly voiceLateMs: () => number;
  /** CPU time that this process has used, in milliseconds. */
  readonly cpuMs: () => number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Says when the machine carries no more calls, before those that live are heard to suffer. */
export class LoadGuard implements Disposable {
  readonly #options: LoadGuardOptions;
  readonly #loop = new Lateness();
  readonly #looking: Timer;
  #lookedAtMs: number;
  /** Since when the CPU time is looked at that it uses while it is late, and what was used by then. */
  #sinceMs: number;
  #sinceCpuMs: number;
  #isOverloaded = false;

  constructor(options: LoadGuardOptions) {
    const { clock, cpuMs } = options;
    this.#options = options;
    this.#lookedAtMs = clock.nowMs();
    this.#sinceMs = this.#lookedAtMs;
    this.#sinceCpuMs = cpuMs();
    this.#looking = clock.every(LOOK_MS, () => this.#look());
  }

  /** New calls are refused. */
  get isOverloaded(): boolean {
    return this.#isOverloaded;
  }

  /** How late timers of the main thread run, and packets are sent, on average. */
  get lateMs(): { readonly loop: number; readonly voice: number } {
    return { loop: this.#loop.averageMs, voice: this.#options.voiceLateMs() };
  }

  [Symbol.dispose](): void {
    this.#looking.cancel();
  }

  #look(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#loop.note(nowMs - this.#lookedAtMs - LOOK_MS, LOOK_MS);
    this.#lookedAtMs = nowMs;
    const { loop, voice } = this.lateMs;
    const lateMs = Math.max(loop, voice);
    if (lateMs < (this.#isOverloaded ? ADMIT_MS : REFUSE_MS)) this.#turn(false, nowMs);
    else if (nowMs - this.#sinceMs >= LASTS_MS) this.#turn(this.#isBusy(nowMs), nowMs);
  }

  #isBusy(nowMs: number): boolean {
    return this.#options.cpuMs() - this.#sinceCpuMs >= BUSY_SHARE * (nowMs - this.#sinceMs);
  }

  /** Looks at the CPU time anew from now on. */
  #turn(isOverloaded: boolean, nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#sinceCpuMs = this.#options.cpuMs();
    if (isOverloaded === this.#isOverloaded) return;
    const { loop, voice } = this.lateMs;
    const fields = { loopLateMs: Math.round(loop), voiceLateMs: Math.round(voice) };
    this.#isOverloaded = isOverloaded;
    if (isOverloaded) this.#options.log.warn("overload", fields);
    else this.#options.log.info("overload.over", fields);
  }
}
