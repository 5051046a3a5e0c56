import type { Clock } from "../../clock.ts";

/** How much of something there may be; undefined: as much as you like. */
export type Limit = {
  /** How the settings write it. */
  readonly text: string;
  readonly callsPerMinute?: number | undefined;
  /** At a time. */
  readonly liveCalls?: number | undefined;
  /** Talked in a day of the machine's local time. */
  readonly minutesPerDay?: number | undefined;
};

/** What somebody used of a limit. */
type Usage = { tokens: number; atMs: number; live: number; day: number; talkMs: number; loggedMs: number };

/** How it looks after a call began. */
export type Share = { readonly limit: Limit; addTalk(ms: number): boolean; giveBack(): void };

/** Who used nothing for longest is forgotten first; somebody with a call is not. */
const MAX_NAMES = 50_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A flood must not flood the log too. */
const LOG_MS = 10_000;

/** One limit, and what each user, or everybody together under one name, used of it. Each question takes the same time. */
export class Allowance {
  readonly #usages = new Map<string, Usage>();

  constructor(
    readonly limit: Limit,
    readonly clock: Pick<Clock, "nowMs" | "wallMs">,
  ) {}

  get size(): number {
    return this.#usages.size;
  }

  /** Which number of the limit is reached; undefined where another call may begin. Nothing is used by asking. */
  findReached(name: string): "calls a minute" | "calls at a time" | "minutes a day" | undefined {
    const usage = this.#find(name);
    const { callsPerMinute, liveCalls = Number.POSITIVE_INFINITY } = this.limit;
    if (callsPerMinute !== undefined && usage.tokens < 1) return "calls a minute";
    if (usage.live >= liveCalls) return "calls at a time";
    return this.#isTalkedOut(usage) ? "minutes a day" : undefined;
  }

  /** A call begins, whatever becomes of it: an attempt counts. */
  take(name: string): Share {
    const usage = this.#find(name);
    usage.tokens -= 1;
    usage.live += 1;
    return {
      limit: this.limit,
      addTalk: (ms) => {
        this.#turnDay(usage);
        usage.talkMs += ms;
        return this.#isTalkedOut(usage);
      },
      giveBack: () => {
        usage.live -= 1;
      },
    };
  }

  /** Time that was talked today. */
  recall(name: string, talkMs: number): void {
    this.#find(name).talkMs += talkMs;
  }

  /** Whether a refusal is worth a line: not one came in the last seconds. */
  isWorthALine(name: string): boolean {
    const usage = this.#find(name);
    const nowMs = this.clock.nowMs();
    if (nowMs - usage.loggedMs < LOG_MS) return false;
    usage.loggedMs = nowMs;
    return true;
  }

  #isTalkedOut({ talkMs }: Usage): boolean {
    const { minutesPerDay = Number.POSITIVE_INFINITY } = this.limit;
    return talkMs >= minutesPerDay * MINUTE_MS;
  }

  /** As it is now; the newest stands last. */
  #find(name: string): Usage {
    const nowMs = this.clock.nowMs();
    const most = this.limit.callsPerMinute ?? 0;
    const fresh = { live: 0, day: 0, talkMs: 0, loggedMs: Number.NEGATIVE_INFINITY };
    const usage = this.#usages.get(name) ?? { tokens: most, atMs: nowMs, ...fresh };
    usage.tokens = Math.min(most, usage.tokens + ((nowMs - usage.atMs) * most) / MINUTE_MS);
    usage.atMs = nowMs;
    this.#turnDay(usage);
    this.#usages.delete(name);
    this.#usages.set(name, usage);
    if (this.#usages.size > MAX_NAMES) this.#forgetOldest();
    return usage;
  }

  #turnDay(usage: Usage): void {
    const wallMs = this.clock.wallMs();
    const offsetMs = new Date(wallMs).getTimezoneOffset() * MINUTE_MS;
    const day = Math.floor((wallMs - offsetMs) / DAY_MS);
    if (usage.day !== day) usage.talkMs = 0;
    usage.day = day;
  }

  #forgetOldest(): void {
    for (const [name, { live }] of this.#usages) {
      if (live > 0) continue;
      this.#usages.delete(name);
      return;
    }
  }
}
