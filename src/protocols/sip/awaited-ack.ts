import type { ResponseParts, ServerExchange } from "./server-exchange.ts";
import { GIVE_UP_MS, Resending, T2_MS } from "./transaction.ts";

/** A 200 to an INVITE, sent again until its ACK comes (RFC 3261, section 13.3.1.4), over TCP as well. */
export class AwaitedAck {
  readonly #resending = new Resending(T2_MS);
  readonly #giveUpMs: number;

  /** Sends the 200 for the first time. */
  constructor(
    readonly exchange: ServerExchange,
    readonly parts: ResponseParts,
    nowMs: number,
  ) {
    this.#giveUpMs = nowMs + GIVE_UP_MS;
    this.#resending.start(nowMs);
    exchange.respond(200, nowMs, parts);
  }

  get sequence(): number {
    return this.exchange.identity.cseq.number;
  }

  /** Whether its INVITE began the call. */
  get isFirst(): boolean {
    return this.exchange.identity.toTag === undefined;
  }

  /** Whether the 200 held our offer, so that the ACK has to hold its answer. */
  get isOffer(): boolean {
    return this.exchange.request.body.length === 0 && this.parts.body !== undefined;
  }

  get deadlineMs(): number {
    return Math.min(this.#resending.dueMs, this.#giveUpMs);
  }

  /** False once there is nothing more to wait for. */
  tick(nowMs: number): boolean {
    if (nowMs >= this.#giveUpMs) return false;
    if (this.#resending.takeDue(nowMs)) this.exchange.respond(200, nowMs, this.parts);
    return true;
  }
}
