import type { Clock, Timer } from "../clock.ts";

/** One key takes as long as a telephone event and the pause behind it. */
const KEY_MS = 160;
const MAX_WAITING = 64;

/** Sends keys to a telephone that takes no telephone events, one INFO at a time, so that none overtakes another. */
export class InfoKeys {
  readonly #waiting: string[] = [];
  #timer: Timer | undefined;

  constructor(
    readonly clock: Pick<Clock, "after">,
    readonly press: (key: string, durationMs: number) => void,
  ) {}

  /** Returns how many were taken. While 64 wait no more are taken. */
  sendDigits(digits: string): number {
    const taken = digits.slice(0, MAX_WAITING - this.#waiting.length);
    this.#waiting.push(...taken);
    if (this.#timer === undefined) this.#pressNext();
    return taken.length;
  }

  cancel(): void {
    this.#waiting.length = 0;
    this.#timer?.cancel();
  }

  #pressNext(): void {
    this.#timer = undefined;
    const key = this.#waiting.shift();
    if (key === undefined) return;
    this.#timer = this.clock.after(KEY_MS, () => this.#pressNext());
    this.press(key, KEY_MS);
  }
}
