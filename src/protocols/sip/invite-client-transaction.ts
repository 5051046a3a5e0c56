import type { SipResponse } from "./message.ts";
import {
  type ClientTransaction,
  GIVE_UP_MS,
  Resending,
  send,
  type TransactionOutput,
} from "./transaction.ts";

/** Timer D; and how long a call may go without a final answer, as timer C has it for proxies. */
const COMPLETED_MS = 32_000;
const PROCEEDING_MS = 180_000;

/** RFC 3261, section 17.1.1, with the state "accepted" of RFC 6026. Every 2xx is passed on: each wants an ACK. */
export class InviteClientTransaction implements ClientTransaction {
  #state: "calling" | "proceeding" | "accepted" | "completed" | "over" = "calling";
  /** Timer A doubles without a limit: timer B ends it. */
  readonly #timerA = new Resending(GIVE_UP_MS);
  /** Timers B, D and M. */
  #endMs = Number.POSITIVE_INFINITY;
  #isCancelled = false;
  #ack: Uint8Array | undefined;

  /** `makeAck` makes the ACK to a refusal (RFC 3261, section 17.1.1.3). */
  constructor(
    readonly request: Uint8Array,
    readonly isReliable: boolean,
    readonly makeAck: (response: SipResponse) => Uint8Array,
  ) {}

  get isOver(): boolean {
    return this.#state === "over";
  }

  get deadlineMs(): number {
    return Math.min(this.#timerA.dueMs, this.#endMs);
  }

  start(nowMs: number): TransactionOutput[] {
    if (!this.isReliable) this.#timerA.start(nowMs);
    this.#endMs = nowMs + GIVE_UP_MS;
    return send(this.request);
  }

  /** Whether to send a CANCEL now. From then on the answer has 64·T1 to come (RFC 3261, section 9.1). */
  cancel(nowMs: number): boolean {
    if (this.#isCancelled || this.#state !== "proceeding") return false;
    this.#isCancelled = true;
    this.#endMs = nowMs + GIVE_UP_MS;
    return true;
  }

  receive(response: SipResponse, nowMs: number): TransactionOutput[] {
    const { status } = response;
    const isWaiting = this.#state === "calling" || this.#state === "proceeding";
    if (status >= 300) {
      if (isWaiting) return this.#refuse(response, nowMs);
      return this.#state === "completed" ? send(this.#ack) : [];
    }
    if (status < 200 && !isWaiting) return [];
    if (status >= 200 && !isWaiting && this.#state !== "accepted") return [];
    this.#timerA.stop();
    if (status < 200) {
      this.#state = "proceeding";
      if (!this.#isCancelled) this.#endMs = nowMs + PROCEEDING_MS;
    } else if (isWaiting) {
      this.#state = "accepted";
      this.#endMs = nowMs + GIVE_UP_MS;
    }
    return [{ kind: "response", response }];
  }

  timeout(nowMs: number): TransactionOutput[] {
    if (nowMs >= this.#endMs) {
      const isUnanswered = this.#state === "calling" || this.#state === "proceeding";
      this.#timerA.stop();
      this.#endMs = Number.POSITIVE_INFINITY;
      this.#state = "over";
      return isUnanswered ? [{ kind: "timed-out" }] : [];
    }
    return this.#timerA.takeDue(nowMs) ? send(this.request) : [];
  }

  #refuse(response: SipResponse, nowMs: number): TransactionOutput[] {
    this.#timerA.stop();
    this.#ack = this.makeAck(response);
    this.#state = this.isReliable ? "over" : "completed";
    this.#endMs = this.isReliable ? Number.POSITIVE_INFINITY : nowMs + COMPLETED_MS;
    return [...send(this.#ack), { kind: "response", response }];
  }
}
