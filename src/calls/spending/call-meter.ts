import type { Share } from "./allowance.ts";

/** Counts the time that one call is talked, against each limit that it falls under. */
export class CallMeter {
  readonly #shares: readonly Share[];
  /** `clock.nowMs` up to which it is counted; undefined while nobody talks. */
  #countedMs: number | undefined;
  #isEnded = false;

  constructor(shares: readonly Share[]) {
    this.#shares = shares;
  }

  /** The call is answered. */
  start(nowMs: number): void {
    this.#countedMs = nowMs;
  }

  /** The limit that is used up, as the settings write it; undefined: the call may go on. */
  check(nowMs: number): string | undefined {
    if (this.#countedMs === undefined) return undefined;
    const ms = Math.max(0, nowMs - this.#countedMs);
    this.#countedMs = nowMs;
    return this.#shares.filter((share) => share.addTalk(ms)).at(0)?.limit.text;
  }

  /** Twice is safe. */
  end(nowMs: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.check(nowMs);
    for (const share of this.#shares) share.giveBack();
  }
}
