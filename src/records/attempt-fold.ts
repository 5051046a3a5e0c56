import type { Clock } from "../clock.ts";
import type { CallRecord } from "./call-record.ts";

/** Of one caller: what is left of the lines a minute, and the line in which the rest is counted. */
type Caller = { lines: number; atMs: number; folded: CallRecord | undefined; foldedAtMs: number };

const MINUTE_MS = 60_000;
const MAX_CALLERS = 10_000;

/**
 * Keeps a flood from washing the records away: of the unanswered attempts of one user those beyond so many a minute are
 * counted in one record, for a minute.
 */
export class AttemptFold {
  readonly #attemptsAMinute: number;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #callers = new Map<string, Caller>();

  constructor(attemptsAMinute: number, clock: Pick<Clock, "nowMs">) {
    this.#attemptsAMinute = attemptsAMinute;
    this.#clock = clock;
  }

  /** The record in which this one is counted now, not to be written before it is taken; undefined: it stands alone. */
  fold(record: CallRecord): CallRecord | undefined {
    // Only users' clients say what app they are: programs and the telephone network may rightly try as often.
    if (record.answeredAt !== undefined || record.caller.appName === undefined) return undefined;
    const caller = this.#find(record.caller.name);
    if (caller.folded === undefined && caller.lines >= 1) {
      caller.lines -= 1;
      return undefined;
    }
    if (caller.folded === undefined) {
      caller.folded = record;
      caller.foldedAtMs = this.#clock.nowMs();
    } else {
      const { endedAt, cause } = record;
      caller.folded = { ...caller.folded, endedAt, cause, attempts: (caller.folded.attempts ?? 1) + 1 };
    }
    return caller.folded;
  }

  /** The records that were counted in for a minute, or all: to be written now. */
  take(all: boolean): CallRecord[] {
    const nowMs = this.#clock.nowMs();
    const taken: CallRecord[] = [];
    for (const caller of this.#callers.values()) {
      if (caller.folded === undefined || (!all && nowMs - caller.foldedAtMs < MINUTE_MS)) continue;
      taken.push(caller.folded);
      caller.folded = undefined;
    }
    return taken;
  }

  /** The newest stands last. */
  #find(name: string): Caller {
    const nowMs = this.#clock.nowMs();
    const caller = this.#callers.get(name) ?? {
      lines: this.#attemptsAMinute,
      atMs: nowMs,
      folded: undefined,
      foldedAtMs: 0,
    };
    const grown = ((nowMs - caller.atMs) * this.#attemptsAMinute) / MINUTE_MS;
    caller.lines = Math.min(this.#attemptsAMinute, caller.lines + grown);
    caller.atMs = nowMs;
    this.#callers.delete(name);
    this.#callers.set(name, caller);
    if (this.#callers.size > MAX_CALLERS) this.#forgetOldest();
    return caller;
  }

  #forgetOldest(): void {
    for (const [name, { folded }] of this.#callers) {
      if (folded !== undefined) continue;
      this.#callers.delete(name);
      return;
    }
  }
}
