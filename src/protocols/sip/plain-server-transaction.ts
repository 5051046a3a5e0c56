import { GIVE_UP_MS, type ServerTransaction, send, type TransactionOutput } from "./transaction.ts";

/** For every method but INVITE: RFC 3261, section 17.2.2. */
export class PlainServerTransaction implements ServerTransaction {
  readonly isAccepted = false;
  #last: Uint8Array | undefined;
  #isCompleted = false;
  #isOver = false;
  /** Timer J. */
  #endMs = Number.POSITIVE_INFINITY;

  constructor(readonly isReliable: boolean) {}

  get isOver(): boolean {
    return this.#isOver;
  }

  get deadlineMs(): number {
    return this.#endMs;
  }

  receive(): TransactionOutput[] {
    return send(this.#last);
  }

  respond(status: number, bytes: Uint8Array, nowMs: number): TransactionOutput[] {
    if (this.#isCompleted) return [];
    this.#last = bytes;
    if (status >= 200) {
      this.#isCompleted = true;
      this.#isOver = this.isReliable;
      if (!this.isReliable) this.#endMs = nowMs + GIVE_UP_MS;
    }
    return send(bytes);
  }

  timeout(nowMs: number): TransactionOutput[] {
    if (nowMs >= this.#endMs) {
      this.#isOver = true;
      this.#endMs = Number.POSITIVE_INFINITY;
    }
    return [];
  }
}
