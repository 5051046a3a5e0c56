import {
  GIVE_UP_MS,
  Resending,
  type ServerTransaction,
  send,
  T2_MS,
  T4_MS,
  type TransactionOutput,
} from "./transaction.ts";

/** RFC 3261, section 17.2.1, with the state "accepted" of RFC 6026. */
export class InviteServerTransaction implements ServerTransaction {
  #state: "proceeding" | "accepted" | "completed" | "confirmed" | "over" = "proceeding";
  #last: Uint8Array | undefined;
  readonly #timerG = new Resending(T2_MS);
  /** Timers H, I and L. */
  #endMs = Number.POSITIVE_INFINITY;

  constructor(readonly isReliable: boolean) {}

  get isOver(): boolean {
    return this.#state === "over";
  }

  get isAccepted(): boolean {
    return this.#state === "accepted";
  }

  get deadlineMs(): number {
    return Math.min(this.#timerG.dueMs, this.#endMs);
  }

  receive(method: string, nowMs: number): TransactionOutput[] {
    if (method === "ACK") {
      if (this.#state === "completed") this.#confirm(nowMs);
      return [];
    }
    return this.#state === "proceeding" || this.#state === "completed" ? send(this.#last) : [];
  }

  /** A 2xx may be given again and again: its user, not the transaction, waits for the ACK. */
  respond(status: number, bytes: Uint8Array, nowMs: number): TransactionOutput[] {
    const isSuccess = status >= 200 && status < 300;
    if (this.#state === "accepted" && isSuccess) return send(bytes);
    if (this.#state !== "proceeding") return [];
    this.#last = bytes;
    if (status >= 200) {
      this.#endMs = nowMs + GIVE_UP_MS;
      this.#state = isSuccess ? "accepted" : "completed";
      if (!isSuccess && !this.isReliable) this.#timerG.start(nowMs);
    }
    return send(bytes);
  }

  timeout(nowMs: number): TransactionOutput[] {
    if (nowMs >= this.#endMs) {
      this.#timerG.stop();
      this.#endMs = Number.POSITIVE_INFINITY;
      const isUnacknowledged = this.#state === "completed";
      this.#state = "over";
      return isUnacknowledged ? [{ kind: "timed-out" }] : [];
    }
    return this.#timerG.takeDue(nowMs) ? send(this.#last) : [];
  }

  #confirm(nowMs: number): void {
    this.#timerG.stop();
    this.#state = this.isReliable ? "over" : "confirmed";
    this.#endMs = this.isReliable ? Number.POSITIVE_INFINITY : nowMs + T4_MS;
  }
}
