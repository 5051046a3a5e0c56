import type { SipResponse } from "./message.ts";
import {
  type ClientTransaction,
  GIVE_UP_MS,
  Resending,
  send,
  T2_MS,
  T4_MS,
  type TransactionOutput,
} from "./transaction.ts";

/** For every method but INVITE: RFC 3261, section 17.1.2. */
export class PlainClientTransaction implements ClientTransaction {
  #state: "trying" | "proceeding" | "completed" | "over" = "trying";
  readonly #timerE = new Resending(T2_MS);
  /** Timers F and K. */
  #endMs = Number.POSITIVE_INFINITY;

  constructor(
    readonly request: Uint8Array,
    readonly isReliable: boolean,
  ) {}

  get isOver(): boolean {
    return this.#state === "over";
  }

  get deadlineMs(): number {
    return Math.min(this.#timerE.dueMs, this.#endMs);
  }

  start(nowMs: number): TransactionOutput[] {
    if (!this.isReliable) this.#timerE.start(nowMs);
    this.#endMs = nowMs + GIVE_UP_MS;
    return send(this.request);
  }

  receive(response: SipResponse, nowMs: number): TransactionOutput[] {
    if (this.#state === "completed" || this.#state === "over") return [];
    if (response.status < 200) {
      if (this.#state === "trying" && !this.isReliable) this.#timerE.slowDown(nowMs);
      this.#state = "proceeding";
    } else {
      this.#timerE.stop();
      this.#state = this.isReliable ? "over" : "completed";
      this.#endMs = this.isReliable ? Number.POSITIVE_INFINITY : nowMs + T4_MS;
    }
    return [{ kind: "response", response }];
  }

  timeout(nowMs: number): TransactionOutput[] {
    if (nowMs >= this.#endMs) {
      const isUnanswered = this.#state !== "completed";
      this.#timerE.stop();
      this.#endMs = Number.POSITIVE_INFINITY;
      this.#state = "over";
      return isUnanswered ? [{ kind: "timed-out" }] : [];
    }
    return this.#timerE.takeDue(nowMs) ? send(this.request) : [];
  }
}
