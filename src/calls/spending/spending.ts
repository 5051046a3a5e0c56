import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { isEmergency, matchesPattern, type NumberPattern } from "../number-rules.ts";
import { Allowance, type Limit } from "./allowance.ts";
import { CallMeter } from "./call-meter.ts";

/** For telephone numbers that fit a pattern, as they are dialled. */
export type NumberLimit = Limit & { readonly pattern: NumberPattern };

export type SpendingOptions = {
  /** All calls, in all and of each user. */
  readonly callsPerMinute: number;
  readonly callsPerMinutePerUser: number;
  /** Telephone calls, of each user and of all together. */
  readonly ofUser: readonly NumberLimit[];
  readonly ofAll: readonly NumberLimit[];
  readonly clock: Pick<Clock, "nowMs" | "wallMs">;
  readonly log: Logger;
};

/** Who begins a call to which telephone number; undefined: no user of ours, no telephone. */
export type Attempt = { readonly user: string | undefined; readonly number: string | undefined };

type Numbered = { readonly pattern: NumberPattern; readonly allowance: Allowance };
type Counted = { readonly scope: "user" | "all"; readonly name: string; readonly allowance: Allowance };

/** Everybody together. */
const ALL = "";

/** What users may spend: how many calls, how long. */
export class Spending {
  readonly #log: Logger;
  readonly #callsOfUser: Allowance;
  readonly #callsOfAll: Allowance;
  readonly #numbersOfUser: readonly Numbered[];
  readonly #numbersOfAll: readonly Numbered[];

  constructor(options: SpendingOptions) {
    const { clock, log, callsPerMinute, callsPerMinutePerUser } = options;
    const open = (limit: Limit) => new Allowance(limit, clock);
    const openAll = (limits: readonly NumberLimit[]) =>
      limits.map((limit) => ({ pattern: limit.pattern, allowance: open(limit) }));
    this.#log = log;
    this.#callsOfUser = open({ text: "calls_per_minute_per_user", callsPerMinute: callsPerMinutePerUser });
    this.#callsOfAll = open({ text: "calls_per_minute", callsPerMinute });
    this.#numbersOfUser = openAll(options.ofUser);
    this.#numbersOfAll = openAll(options.ofAll);
  }

  /** Counts an attempt, or says whose limit is reached: then nothing is counted. */
  begin(attempt: Attempt): CallMeter | Counted["scope"] {
    const counted = this.#listCounted(attempt);
    for (const { scope, name, allowance } of counted) {
      const reached = allowance.findReached(name);
      if (reached === undefined) continue;
      if (allowance.isWorthALine(name)) {
        const { text } = allowance.limit;
        this.#log.warn("call.over-limit", { ...attempt, of: scope, limit: text, reached });
      }
      return scope;
    }
    return new CallMeter(counted.map(({ allowance, name }) => allowance.take(name)));
  }

  /** Whether any limit is of minutes. */
  get countsMinutes(): boolean {
    const all = [...this.#numbersOfUser, ...this.#numbersOfAll];
    return all.some(({ allowance }) => allowance.limit.minutesPerDay !== undefined);
  }

  /** A call that was talked today, before this process began. */
  recall(attempt: Attempt, talkMs: number): void {
    for (const { name, allowance } of this.#listCounted(attempt)) allowance.recall(name, talkMs);
  }

  /** Users first: who is over the own limit takes nothing from the others'. */
  #listCounted({ user, number }: Attempt): Counted[] {
    const fitting = (all: readonly Numbered[]) =>
      number === undefined || isEmergency(number)
        ? []
        : all.filter(({ pattern }) => matchesPattern(number, pattern));
    const ofUser = [this.#callsOfUser, ...fitting(this.#numbersOfUser).map(({ allowance }) => allowance)];
    const ofAll = [this.#callsOfAll, ...fitting(this.#numbersOfAll).map(({ allowance }) => allowance)];
    return [
      ...(user === undefined
        ? []
        : ofUser.map((allowance) => ({ scope: "user", name: user, allowance }) as const)),
      ...ofAll.map((allowance) => ({ scope: "all", name: ALL, allowance }) as const),
    ];
  }
}
