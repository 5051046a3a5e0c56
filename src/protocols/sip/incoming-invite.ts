import { AwaitedAck } from "./awaited-ack.ts";
import { type CallHost, type PendingInvite, SipCall } from "./call.ts";
import { ALLOW, SUPPORTED } from "./check-request.ts";
import { Dialog } from "./dialog.ts";
import { contactOf, retryAfter, SDP_TYPE } from "./endpoint.ts";
import type { SipHeader } from "./headers.ts";
import type { SipRequest } from "./message.ts";
import type { NameAddr } from "./name-addr.ts";
import { type Reason, reasonHeader } from "./reason.ts";
import type { Renegotiation } from "./renegotiation.ts";
import { sdpOf } from "./sdp-body.ts";
import type { ResponseParts, ServerExchange } from "./server-exchange.ts";
import { decodeUri, type SipUri } from "./uri.ts";

/** RFC 3261, section 13.3.1.1: proxies let go of an INVITE that shows no life. */
const RING_AGAIN_MS = 60_000;
const NEVER = Number.POSITIVE_INFINITY;
const UNAVAILABLE = 503;

/** A peer's INVITE that begins a call: ring, and answer it or hang up its call. */
export class IncomingInvite implements PendingInvite {
  readonly givenUpAs = "refused";
  readonly call: SipCall;
  readonly caller: NameAddr;
  readonly callee: SipUri;
  readonly #contact: SipHeader;
  readonly #session: Renegotiation;
  #ringing: { readonly status: number; readonly parts: ResponseParts } | undefined;
  #ringAgainMs = NEVER;
  readonly #expireMs: number;

  /** Throws AppError `sip.*` for an INVITE that makes no dialog. */
  constructor(
    private readonly host: CallHost,
    private readonly exchange: ServerExchange,
    nowMs: number,
  ) {
    const { request, identity, source } = exchange;
    this.caller = identity.from;
    this.callee = decodeUri(request.uri);
    this.#contact = contactOf(host, this.callee.user, source);
    const expires = request.headers.first("expires") ?? "";
    this.#expireMs = /^[0-9]{1,9}$/.test(expires) ? nowMs + Number(expires) * 1000 : NEVER;
    const dialog = Dialog.ofInvite(request.headers, identity, exchange.tag, source);
    this.call = new SipCall(host, this, { callId: identity.callId, peer: source });
    this.#session = this.call.open(dialog, {
      contact: this.#contact,
      peerAllowsUpdate: request.headers.tokens("allow").includes("update"),
      isCaller: false,
    });
  }

  get request(): SipRequest {
    return this.exchange.request;
  }

  /** The peer's offer; without one the answer has to hold ours. */
  get sdp(): Uint8Array | undefined {
    return sdpOf(this.exchange.request);
  }

  get deadlineMs(): number {
    return Math.min(this.#ringAgainMs, this.#expireMs);
  }

  /** 180, or with a description 183: early media. */
  ring(nowMs: number, sdp?: Uint8Array): void {
    if (!this.call.isInviting) return;
    const headers = sdp === undefined ? [this.#contact, ALLOW] : [this.#contact, ALLOW, SDP_TYPE];
    this.#ringing = { status: sdp === undefined ? 180 : 183, parts: { headers, body: sdp } };
    this.#ringAgain(nowMs);
    this.host.rearm(this.call);
  }

  /** 200, with our answer or, to an INVITE without a description, our offer. */
  answer(sdp: Uint8Array, nowMs: number): void {
    if (!this.call.isInviting) return;
    this.#session.localSdp = sdp;
    const timer = this.#session.timer.agree(this.request.headers, nowMs);
    const headers = [this.#contact, ALLOW, SUPPORTED, ...timer, SDP_TYPE];
    this.call.establish(new AwaitedAck(this.exchange, { headers, body: sdp }, nowMs));
  }

  giveUp(status: number, reasons: readonly Reason[], nowMs: number): boolean {
    const headers = reasons.map(reasonHeader);
    // Others are to be tried meanwhile, or we again a little later (RFC 3261, section 21.5.4).
    if (status === UNAVAILABLE) headers.push(retryAfter(this.host));
    this.exchange.respond(status, nowMs, { headers });
    return true;
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#expireMs) this.call.endInvite({ by: "peer", how: "expired", reasons: [] }, 487, nowMs);
    else if (nowMs >= this.#ringAgainMs) this.#ringAgain(nowMs);
  }

  #ringAgain(nowMs: number): void {
    this.#ringAgainMs = nowMs + RING_AGAIN_MS;
    if (this.#ringing !== undefined) this.exchange.respond(this.#ringing.status, nowMs, this.#ringing.parts);
  }
}
