import { AwaitedAck } from "./awaited-ack.ts";
import type { CallEnd } from "./call-event.ts";
import { type CallHost, contactOf, retryAfter, SDP_TYPE } from "./call-host.ts";
import { ALLOW, SUPPORTED, sdpOf } from "./check-request.ts";
import { Dialog } from "./dialog.ts";
import { type Outcome, sendInDialog } from "./dialog-request.ts";
import type { SipHeader } from "./headers.ts";
import { encodeInfoDtmf, INFO_DTMF_TYPE, type InfoDtmf, readInfo } from "./info-dtmf.ts";
import type { SipRequest } from "./message.ts";
import type { NameAddr } from "./name-addr.ts";
import type { SipPeer } from "./peer.ts";
import { type Reason, reasonHeader, reasonsOf } from "./reason.ts";
import { Renegotiation } from "./renegotiation.ts";
import type { ResponseParts, ServerExchange } from "./server-exchange.ts";
import { decodeUri, type SipUri } from "./uri.ts";

/** RFC 3261, section 13.3.1.1: proxies let go of an INVITE that shows no life. */
const RING_AGAIN_MS = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

/** A call that a peer made to us, from its INVITE to the answer to the BYE. */
export class SipCall {
  readonly caller: NameAddr;
  readonly callee: SipUri;
  readonly callId: string;
  readonly source: SipPeer;
  readonly #dialog: Dialog;
  readonly #contact: SipHeader;
  readonly #session: Renegotiation;
  #phase: "ringing" | "established" | "ended" | "closed" = "ringing";
  #awaitedAck: AwaitedAck | undefined;
  /** The reasons of our BYE, which has to wait for the ACK. */
  #waitingBye: readonly Reason[] | undefined;
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
    this.callId = identity.callId;
    this.source = source;
    this.#dialog = new Dialog(request.headers, identity, exchange.tag, source);
    this.#contact = contactOf(host, this.callee.user, source);
    const expires = request.headers.first("expires") ?? "";
    this.#expireMs = /^[0-9]{1,9}$/.test(expires) ? nowMs + Number(expires) * 1000 : NEVER;
    this.#session = new Renegotiation(host, this.#dialog, {
      call: this,
      contact: this.#contact,
      onAccepted: (awaited) => {
        this.#awaitedAck = awaited;
      },
      onLost: (atMs) => this.#lose(atMs),
    });
  }

  get invite(): SipRequest {
    return this.exchange.request;
  }

  get key(): string {
    return this.#dialog.key;
  }

  /** Over for both sides; only a BYE may still be under way. */
  get isEnded(): boolean {
    return this.#phase === "ended" || this.#phase === "closed";
  }

  get deadlineMs(): number {
    const awaited = this.#awaitedAck?.deadlineMs ?? NEVER;
    if (this.#phase === "ringing") return Math.min(this.#ringAgainMs, this.#expireMs);
    return this.#phase === "established" ? Math.min(awaited, this.#session.deadlineMs) : awaited;
  }

  /** 180, or with a description 183: early media. */
  ring(nowMs: number, sdp?: Uint8Array): void {
    if (this.#phase !== "ringing") return;
    const headers = sdp === undefined ? [this.#contact, ALLOW] : [this.#contact, ALLOW, SDP_TYPE];
    this.#ringing = { status: sdp === undefined ? 180 : 183, parts: { headers, body: sdp } };
    this.#ringAgain(nowMs);
  }

  /** 200, with our answer or, to an INVITE without a description, our offer. */
  answer(sdp: Uint8Array, nowMs: number): void {
    if (this.#phase !== "ringing") return;
    this.#phase = "established";
    this.#session.localSdp = sdp;
    const timer = this.#session.timer.agree(this.invite.headers, nowMs);
    const headers = [this.#contact, ALLOW, SUPPORTED, ...timer, SDP_TYPE];
    this.#awaitedAck = new AwaitedAck(this.exchange, { headers, body: sdp }, nowMs);
  }

  /** A final answer from 300 on, instead of answer. */
  refuse(status: number, nowMs: number, reasons: readonly Reason[] = []): void {
    if (this.#phase !== "ringing") return;
    this.#end({ by: "us", how: "refused", reasons }, status, nowMs);
  }

  /** Ends the call whatever its state; before the answer with 480. */
  hangUp(nowMs: number, reasons: readonly Reason[] = []): void {
    if (this.#phase === "ringing") this.refuse(480, nowMs, reasons);
    else this.#hangUp({ by: "us", how: "hung-up", reasons }, nowMs);
  }

  /** The answer to the event reoffered: our description, which the peer must have asked for. */
  accept(sdp: Uint8Array, nowMs: number): void {
    this.#session.accept(sdp, nowMs);
  }

  /** The other answer to the event reoffered: all stays as it was. */
  decline(nowMs: number, status = 488): void {
    this.#session.decline(status, nowMs);
  }

  /** Offers another session (hold, resume); false if one is being negotiated already. */
  reoffer(sdp: Uint8Array, nowMs: number): boolean {
    return this.#phase === "established" && this.#session.offer(sdp, this.#awaitedAck, nowMs);
  }

  /** Presses a key by INFO, for a peer that takes no telephone-event. */
  sendDtmf(dtmf: InfoDtmf, nowMs: number): void {
    if (this.#phase !== "established") return;
    const info = { method: "INFO", headers: [INFO_DTMF_TYPE], body: encodeInfoDtmf(dtmf) };
    const onFinal = ({ status }: Outcome, atMs: number) => {
      if (status === 408 || status === 481) this.#lose(atMs);
    };
    sendInDialog(this.host, this.#dialog, info, onFinal, nowMs);
  }

  /** Asks whether the peer still knows the call; if it does not, or is gone, the call ends. */
  probe(nowMs: number): void {
    if (this.#phase === "established") this.#session.probe(this.#awaitedAck, nowMs);
  }

  /** Takes a request within the dialog, but for ACK and CANCEL. */
  receive(exchange: ServerExchange, nowMs: number): void {
    const { request, identity, source } = exchange;
    if (!this.#dialog.acceptSequence(identity.cseq.number, source)) exchange.respond(500, nowMs);
    else if (request.method === "BYE") this.#receiveBye(exchange, nowMs);
    else if (this.isEnded) exchange.respond(481, nowMs);
    else if (request.method === "INFO") this.#receiveInfo(exchange, nowMs);
    else if (this.#phase === "established" || request.body.length === 0) {
      this.#session.receive(exchange, this.#awaitedAck, nowMs);
    } else exchange.respond(500, nowMs, { headers: [retryAfter(this.host)] });
  }

  /** The ACK to a 2xx. */
  receiveAck(request: SipRequest, sequence: number, nowMs: number): void {
    const awaited = this.#awaitedAck;
    if (awaited?.sequence !== sequence) return;
    this.#awaitedAck = undefined;
    if (this.#waitingBye !== undefined) this.#sendBye(this.#waitingBye, nowMs);
    else if (awaited.exchange === this.exchange) {
      this.host.emit({ kind: "acknowledged", call: this, sdp: sdpOf(request) });
    } else if (awaited.isOffer) {
      this.host.emit({ kind: "reanswered", call: this, sdp: sdpOf(request), refusedWith: undefined });
    }
  }

  /** The caller gives up; nothing happens if the call was answered. */
  receiveCancel(cancel: SipRequest, nowMs: number): void {
    if (this.#phase !== "ringing") return;
    this.#end({ by: "peer", how: "cancelled", reasons: reasonsOf(cancel.headers) }, 487, nowMs);
  }

  tick(nowMs: number): void {
    if (nowMs < this.deadlineMs) return;
    if (this.#phase === "ringing") {
      if (nowMs >= this.#expireMs) this.#end({ by: "peer", how: "expired", reasons: [] }, 487, nowMs);
      else this.#ringAgain(nowMs);
      return;
    }
    if (this.#awaitedAck?.tick(nowMs) === false) {
      this.#awaitedAck = undefined;
      if (this.#waitingBye !== undefined) this.#sendBye(this.#waitingBye, nowMs);
      else this.#hangUp({ by: "network", how: "no-ack", reasons: [] }, nowMs);
    }
    if (this.#phase !== "established") return;
    if (this.#session.tick(this.#awaitedAck, nowMs)) {
      this.#hangUp({ by: "network", how: "session-expired", reasons: [] }, nowMs);
    }
  }

  #ringAgain(nowMs: number): void {
    this.#ringAgainMs = nowMs + RING_AGAIN_MS;
    if (this.#ringing !== undefined) this.exchange.respond(this.#ringing.status, nowMs, this.#ringing.parts);
  }

  #receiveBye(exchange: ServerExchange, nowMs: number): void {
    exchange.respond(200, nowMs);
    const end: CallEnd = { by: "peer", how: "hung-up", reasons: reasonsOf(exchange.request.headers) };
    if (this.#phase === "ringing") this.#end(end, 487, nowMs);
    else if (this.#phase === "established") this.#finish(end, nowMs);
    else if (this.#awaitedAck !== undefined) this.#close();
  }

  #receiveInfo(exchange: ServerExchange, nowMs: number): void {
    const { status, headers, dtmf } = readInfo(exchange.request);
    exchange.respond(status, nowMs, { headers });
    if (dtmf !== undefined) this.host.emit({ kind: "dtmf", call: this, ...dtmf });
  }

  /** Before the answer: the INVITE itself is refused. */
  #end(end: CallEnd, status: number, nowMs: number): void {
    const headers = end.by === "us" ? end.reasons.map(reasonHeader) : [];
    this.exchange.respond(status, nowMs, { headers });
    this.#finish(end, nowMs);
  }

  #lose(nowMs: number): void {
    this.#hangUp({ by: "network", how: "dialog-lost", reasons: [] }, nowMs);
  }

  /** After the answer. RFC 3261, section 15: no BYE before the ACK, or before it is given up. */
  #hangUp(end: CallEnd, nowMs: number): void {
    if (this.#phase !== "established") return;
    if (this.#awaitedAck?.exchange === this.exchange) this.#waitingBye = end.reasons;
    this.#phase = "ended";
    this.#session.stop(nowMs);
    this.host.emit({ kind: "ended", call: this, ...end });
    if (this.#waitingBye === undefined) this.#sendBye(end.reasons, nowMs);
  }

  #sendBye(reasons: readonly Reason[], nowMs: number): void {
    this.#awaitedAck = undefined;
    const bye = { method: "BYE", headers: reasons.map(reasonHeader) };
    sendInDialog(this.host, this.#dialog, bye, () => this.#close(), nowMs);
  }

  /** Ends the call where no BYE of ours is called for. */
  #finish(end: CallEnd, nowMs: number): void {
    this.#phase = "ended";
    this.#session.stop(nowMs);
    this.#awaitedAck = undefined;
    this.host.emit({ kind: "ended", call: this, ...end });
    this.#close();
  }

  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#awaitedAck = undefined;
    this.host.forget(this);
    this.host.emit({ kind: "closed", call: this });
  }
}
