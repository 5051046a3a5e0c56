import { AwaitedAck } from "./awaited-ack.ts";
import type { SipCallEvent } from "./call-event.ts";
import { ALLOW, checkContent, SUPPORTED } from "./check-request.ts";
import type { Dialog } from "./dialog.ts";
import { acknowledge, type Outcome, sendInDialog } from "./dialog-request.ts";
import { retryAfter, SDP_TYPE, type SipEndpoint } from "./endpoint.ts";
import type { SipHeader } from "./headers.ts";
import type { SipResponse } from "./message.ts";
import { sdpOf } from "./sdp-body.ts";
import type { ServerExchange } from "./server-exchange.ts";
import { SessionTimer } from "./session-timer.ts";

/** The call that a session belongs to. */
export type RenegotiationUser = {
  readonly contact: SipHeader;
  readonly peerAllowsUpdate: boolean;
  /** Whether we made the call, and so chose its Call-ID. */
  readonly isCaller: boolean;
  readonly isEnded: boolean;
  tell(event: SipCallEvent, nowMs: number): void;
  onAccepted(awaited: AwaitedAck): void;
  /** The peer knows nothing of the dialog any more, or is gone. */
  onLost(nowMs: number): void;
  /** An offer of ours was answered: its deadline may be another. */
  onSettled(): void;
};

type OwnOffer = {
  readonly method: "INVITE" | "UPDATE";
  readonly sdp: Uint8Array | undefined;
  /** Whether it only asks for the session to go on. */
  readonly isRefresh: boolean;
};

/** RFC 3261, section 14.1: after a 491 the caller waits longer than the callee, who comes first. */
const CALLEE_GLARE_WAIT_MS = { from: 0, to: 2000 };
const CALLER_GLARE_WAIT_MS = { from: 2100, to: 4000 };
/** How often a refused refresh is tried otherwise at once; how long it waits after that, or at least when it is told to. */
const MAX_HASTY_TRIES = 2;
const REFRESH_AGAIN_MS = 5000;
const MIN_RETRY_AFTER_MS = 1000;
/** Before the end of a session. */
const LAST_TRY_AHEAD_MS = 3000;
const NEVER = Number.POSITIVE_INFINITY;

/** Re-INVITE and UPDATE both ways, and the session timer that asks for them. */
export class Renegotiation {
  readonly timer = new SessionTimer();
  /** The last description of ours that was sent. */
  localSdp: Uint8Array | undefined;
  /** The peer's INVITE or UPDATE that waits for accept or decline. */
  #pending: ServerExchange | undefined;
  #running: OwnOffer | undefined;
  /** From when the session timer asks for a refresh until one succeeds. */
  #isRefreshDue = false;
  /** How often that was refused. */
  #refusalCount = 0;
  /** Whether the other method is to be tried: the peer refused UPDATE, or the re-INVITE in its place. */
  #isMethodSwitched = false;
  #retry: { readonly offer: OwnOffer; readonly dueMs: number } | undefined;
  /** When a peer that is asked counts as lost, unless it answers. */
  #lostAtMs = NEVER;

  constructor(
    readonly endpoint: SipEndpoint,
    readonly dialog: Dialog,
    readonly user: RenegotiationUser,
  ) {}

  get deadlineMs(): number {
    return Math.min(this.timer.deadlineMs, this.#retry?.dueMs ?? NEVER, this.#lostAtMs);
  }

  /** Takes an INVITE or UPDATE within the dialog; `awaited` is our 200 whose ACK is still to come. */
  receive(exchange: ServerExchange, awaited: AwaitedAck | undefined, nowMs: number): void {
    const { request } = exchange;
    const isOffering = request.method === "INVITE" || request.body.length > 0;
    if (request.method === "INVITE") exchange.respond(100, nowMs);
    const refusal = checkContent(request);
    if (this.#pending !== undefined) exchange.respond(500, nowMs, { headers: [retryAfter(this.endpoint)] });
    else if (isOffering && (this.#running !== undefined || awaited?.isOffer)) exchange.respond(491, nowMs);
    else if (refusal !== undefined) exchange.respond(refusal.status, nowMs, refusal);
    else if (SessionTimer.isTooShort(request.headers)) {
      exchange.respond(422, nowMs, { headers: [SessionTimer.minSe] });
    } else {
      this.#pending = exchange;
      if (isOffering) this.user.tell({ kind: "reoffered", sdp: sdpOf(request) }, nowMs);
      else this.accept(undefined, nowMs);
    }
  }

  /** Accepts what is pending, with our answer or, where there was no offer, with our offer. */
  accept(sdp: Uint8Array | undefined, nowMs: number): void {
    const exchange = this.#pending;
    if (exchange === undefined) return;
    this.#pending = undefined;
    this.dialog.refreshTarget(exchange.request.headers);
    this.localSdp = sdp ?? this.localSdp;
    const headers = [
      this.user.contact,
      ALLOW,
      SUPPORTED,
      ...this.timer.agree(exchange.request.headers, nowMs),
    ];
    const parts = { headers: sdp === undefined ? headers : [...headers, SDP_TYPE], body: sdp };
    if (exchange.request.method === "INVITE") this.user.onAccepted(new AwaitedAck(exchange, parts, nowMs));
    else exchange.respond(200, nowMs, parts);
  }

  /** The session stays as it was. */
  decline(status: number, nowMs: number): void {
    this.#pending?.respond(status, nowMs);
    this.#pending = undefined;
  }

  /** False if another change is under way: try again when it is over. The answer comes as the event reanswered. */
  offer(sdp: Uint8Array, awaited: AwaitedAck | undefined, nowMs: number): boolean {
    if (awaited !== undefined || this.#pending !== undefined) return false;
    if (this.#running !== undefined || this.#retry !== undefined) return false;
    this.#send({ method: "INVITE", sdp, isRefresh: false }, nowMs);
    return true;
  }

  /**
   * Asks for nothing new, so that a peer that is gone is noticed. Whatever else is under way asks as well.
   * @param withinMs how long the peer may take to answer: at most as long as any request, 32 s
   */
  probe(awaited: AwaitedAck | undefined, nowMs: number, withinMs = NEVER): void {
    const isFree = this.#pending === undefined && this.#running === undefined && this.#retry === undefined;
    if (awaited === undefined && isFree) this.#send(this.#makeRefresh(), nowMs);
    if (this.#running !== undefined) this.#lostAtMs = Math.min(this.#lostAtMs, nowMs + withinMs);
  }

  /** Does what is due; true once the session has expired. */
  tick(awaited: AwaitedAck | undefined, nowMs: number): boolean {
    if (nowMs >= this.#lostAtMs) {
      this.#lostAtMs = NEVER;
      this.user.onLost(nowMs);
      return false;
    }
    const due = this.timer.takeDue(nowMs);
    if (due === "refresh") this.#refresh(nowMs);
    const retry = this.#retry;
    if (retry !== undefined && nowMs >= retry.dueMs) {
      this.#retry = undefined;
      if (awaited === undefined && this.#pending === undefined) this.#send(retry.offer, nowMs);
      else this.#sendLater(retry.offer, nowMs);
    }
    return due === "expired";
  }

  stop(nowMs: number): void {
    this.decline(487, nowMs);
    this.#retry = undefined;
    this.#lostAtMs = NEVER;
    this.timer.stop();
  }

  /** What is under way may refresh the session as well; if it is refused the refresh follows. */
  #refresh(nowMs: number): void {
    this.#isRefreshDue = true;
    this.#refusalCount = 0;
    if (this.#running !== undefined || this.#retry !== undefined) return;
    this.#retry = { offer: this.#makeRefresh(), dueMs: nowMs };
  }

  #makeRefresh(): OwnOffer {
    const isUpdate = this.localSdp === undefined || this.user.peerAllowsUpdate !== this.#isMethodSwitched;
    return isUpdate
      ? { method: "UPDATE", sdp: undefined, isRefresh: true }
      : { method: "INVITE", sdp: this.localSdp, isRefresh: true };
  }

  #send(offer: OwnOffer, nowMs: number): void {
    this.#running = offer;
    const { method, sdp } = offer;
    const headers = [this.user.contact, ALLOW, SUPPORTED, ...this.timer.offer()];
    sendInDialog(
      this.endpoint,
      this.dialog,
      { method, headers: sdp === undefined ? headers : [...headers, SDP_TYPE], body: sdp },
      (outcome, atMs) => {
        this.#settle(offer, outcome, atMs);
        this.user.onSettled();
      },
      nowMs,
    );
  }

  #sendLater(offer: OwnOffer, nowMs: number): void {
    const { from, to } = this.user.isCaller ? CALLER_GLARE_WAIT_MS : CALLEE_GLARE_WAIT_MS;
    this.#retry = { offer, dueMs: nowMs + from + this.endpoint.random() * (to - from) };
  }

  #settle(offer: OwnOffer, { status, response, sequence }: Outcome, nowMs: number): void {
    const success = status < 300 ? response : undefined;
    if (success !== undefined) this.dialog.refreshTarget(success.headers);
    if (success !== undefined && offer.method === "INVITE") acknowledge(this.endpoint, this.dialog, sequence);
    if (this.#running !== offer) return;
    this.#running = undefined;
    this.#lostAtMs = NEVER;
    if (this.user.isEnded) return;
    if (success !== undefined) this.#succeed(offer, success, nowMs);
    else if (status === 491) this.#sendLater(offer, nowMs);
    else if (status === 408 || status === 481) this.user.onLost(nowMs);
    else {
      if (!offer.isRefresh)
        this.user.tell({ kind: "reanswered", sdp: undefined, refusedWith: status }, nowMs);
      if (this.#isRefreshDue && response !== undefined) this.#refreshAgain(offer, response, nowMs);
    }
  }

  /**
   * A refresh that was refused: a longer session where a 422 asks for it (RFC 4028, section 7.4), the same later where
   * the peer says when (RFC 3311, section 5.2), else the other method, and after both a pause.
   */
  #refreshAgain(offer: OwnOffer, { status, headers }: SipResponse, nowMs: number): void {
    const minSeS = status === 422 ? SessionTimer.readMinSe(headers) : undefined;
    const isRaised = minSeS !== undefined && this.timer.raise(minSeS);
    const waitS = /^[0-9]{1,5}/.exec(headers.first("retry-after") ?? "")?.[0];
    let waitMs = ++this.#refusalCount > MAX_HASTY_TRIES ? REFRESH_AGAIN_MS : 0;
    if (waitS !== undefined) waitMs = Math.max(MIN_RETRY_AFTER_MS, Number(waitS) * 1000);
    else if (offer.isRefresh && !isRaised) this.#isMethodSwitched = !this.#isMethodSwitched;
    const dueMs = nowMs + waitMs;
    const lastMs = this.timer.deadlineMs - LAST_TRY_AHEAD_MS;
    this.#retry = { offer: this.#makeRefresh(), dueMs: lastMs > nowMs ? Math.min(dueMs, lastMs) : dueMs };
  }

  #succeed(offer: OwnOffer, response: SipResponse, nowMs: number): void {
    this.#isRefreshDue = false;
    this.timer.confirm(response.headers, nowMs);
    if (offer.sdp === undefined) return;
    this.localSdp = offer.sdp;
    this.user.tell({ kind: "reanswered", sdp: sdpOf(response), refusedWith: undefined }, nowMs);
  }
}
