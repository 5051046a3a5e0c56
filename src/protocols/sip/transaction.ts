import type { SipResponse } from "./message.ts";

/** RFC 3261, appendix A. */
const T1_MS = 500;
export const T2_MS = 4000;
export const T4_MS = 5000;
/** Timers B, F, H, J, L and M. */
export const GIVE_UP_MS = 64 * T1_MS;

/** What a transaction wants done, in order. */
export type TransactionOutput =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** For the user of a client transaction. */
  | { readonly kind: "response"; readonly response: SipResponse }
  /** No answer came in time; the transaction is over. */
  | { readonly kind: "timed-out" };

export interface ServerTransaction {
  readonly isOver: boolean;
  /** An INVITE that got a 2xx. */
  readonly isAccepted: boolean;
  /** When `timeout` is to be called; Infinity for never. */
  readonly deadlineMs: number;
  /** Takes the request that came again, or an INVITE's ACK. */
  receive(method: string, nowMs: number): TransactionOutput[];
  respond(status: number, bytes: Uint8Array, nowMs: number): TransactionOutput[];
  timeout(nowMs: number): TransactionOutput[];
}

export interface ClientTransaction {
  readonly isOver: boolean;
  readonly deadlineMs: number;
  /** Sends the request. */
  start(nowMs: number): TransactionOutput[];
  receive(response: SipResponse, nowMs: number): TransactionOutput[];
  timeout(nowMs: number): TransactionOutput[];
}

export function send(bytes: Uint8Array | undefined): TransactionOutput[] {
  return bytes === undefined ? [] : [{ kind: "send", bytes }];
}

/** When to send again: each time after twice the wait, up to a limit. Nothing is due before `start`. */
export class Resending {
  dueMs = Number.POSITIVE_INFINITY;
  #waitMs = 0;

  constructor(readonly maxWaitMs: number) {}

  start(nowMs: number): void {
    this.#waitMs = T1_MS;
    this.dueMs = nowMs + this.#waitMs;
  }

  /** Whether it is time; if so the next wait has begun. */
  takeDue(nowMs: number): boolean {
    if (nowMs < this.dueMs) return false;
    this.#waitMs = Math.min(this.#waitMs * 2, this.maxWaitMs);
    this.dueMs = nowMs + this.#waitMs;
    return true;
  }

  /** From now on with the longest wait. */
  slowDown(nowMs: number): void {
    this.#waitMs = this.maxWaitMs;
    this.dueMs = nowMs + this.#waitMs;
  }

  stop(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
  }
}
