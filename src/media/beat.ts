import type { Clock, Timer } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { Lateness } from "./lateness.ts";

/** All packet times are multiples of it. */
const PACKET_STEP_MS = 10;
/** Timers may run a little early. */
const EARLY_MS = 1;

type Member = {
  readonly steps: number;
  readonly phase: number;
  readonly run: (dueCount: number) => void;
  readonly log: Logger;
};

/**
 * One timer for all sound that goes in step with time; it runs only while there is any. Members with a period of
 * several steps are spread over them. After a standstill members learn how many times they were due meanwhile.
 */
export class Beat {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #members = new Set<Member>();
  readonly #lateness = new Lateness();
  #nextPhase = 0;
  #startMs = 0;
  #step = 0;
  #timer: Timer | undefined;

  constructor(
    clock: Clock,
    log: Logger,
    readonly stepMs = PACKET_STEP_MS,
  ) {
    this.#clock = clock;
    this.#log = log;
  }

  get memberCount(): number {
    return this.#members.size;
  }

  /** How late it comes of late, on average; 0 while there is no member. */
  get lateMs(): number {
    return this.#lateness.averageMs;
  }

  /** `run` is first called within `periodMs`, a multiple of `stepMs`. `log` says whose sound it is. */
  add(periodMs: number, run: (dueCount: number) => void, log = this.#log): Timer {
    if (this.#timer === undefined) {
      this.#startMs = this.#clock.nowMs();
      this.#step = 0;
      this.#schedule();
    }
    const steps = Math.max(1, Math.round(periodMs / this.stepMs));
    const member = { steps, phase: this.#nextPhase++ % steps, run, log };
    this.#members.add(member);
    return { cancel: () => this.#remove(member) };
  }

  #remove(member: Member): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#lateness.forget();
  }

  /** Stays on the grid that began at the start, so that delays do not add up. */
  #schedule(): void {
    const dueMs = this.#startMs + (this.#step + 1) * this.stepMs;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => this.#tick());
  }

  #tick(): void {
    const before = this.#step;
    const lateMs = this.#clock.nowMs() - this.#startMs - (before + 1) * this.stepMs;
    this.#lateness.note(lateMs, this.stepMs);
    this.#step = Math.max(before, Math.floor((this.#clock.nowMs() - this.#startMs + EARLY_MS) / this.stepMs));
    this.#schedule();
    for (const member of this.#members) {
      const dueCount = countDue(member, this.#step) - countDue(member, before);
      if (dueCount > 0) this.#run(member, dueCount);
    }
  }

  /** A bug of one member costs only that member its sound. */
  #run(member: Member, dueCount: number): void {
    try {
      member.run(dueCount);
    } catch (thrown) {
      member.log.error("sound.failed", { reason: messageOf(thrown) });
      this.#remove(member);
    }
  }
}

/** How often it was due up to `step`. */
function countDue({ steps, phase }: Member, step: number): number {
  return Math.floor((step - phase + steps) / steps);
}
