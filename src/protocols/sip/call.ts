import type { AwaitedAck } from "./awaited-ack.ts";
import type { CallEnd, SipCallEvent, SipCallListener } from "./call-event.ts";
import type { Dialog } from "./dialog.ts";
import { type DialogRequest, type Outcome, sendInDialog } from "./dialog-request.ts";
import { retryAfter, type SipEndpoint } from "./endpoint.ts";
import { encodeInfoDtmf, INFO_DTMF_TYPE, type InfoDtmf, readInfo } from "./info-dtmf.ts";
import type { SipRequest } from "./message.ts";
import type { SipPeer } from "./peer.ts";
import { type Reason, reasonHeader, reasonsOf } from "./reason.ts";
import { Renegotiation, type RenegotiationUser } from "./renegotiation.ts";
import { sdpOf } from "./sdp-body.ts";
import type { ServerExchange } from "./server-exchange.ts";

/** What a call tells the user agent that it belongs to. */
export type CallHost = SipEndpoint & {
  /** From now on the requests of its dialog are given to it. */
  keep(call: SipCall): void;
  /** Its deadline may be another. */
  rearm(call: SipCall): void;
  /** We answered its INVITE; the ACK to it came. */
  onAnswered(call: SipCall): void;
  onAcknowledged(call: SipCall): void;
  /** Over for both sides; comes once. */
  onEnded(call: SipCall): void;
  /** The last that comes. */
  onClosed(call: SipCall): void;
  /** A listener threw. */
  onBug(thrown: unknown, event: string): void;
};

/** The INVITE that began a call, as long as it has no final answer. */
export interface PendingInvite {
  /** How it ends when we give it up. */
  readonly givenUpAs: "refused" | "cancelled";
  readonly deadlineMs: number;
  tick(nowMs: number): void;
  /** Refuses it, or takes it back. False if an answer is still to come: then it closes the call. */
  giveUp(status: number, reasons: readonly Reason[], nowMs: number): boolean;
}

/** How we end a call; the status is for an INVITE of the peer that has no answer yet, 480 if none is given. */
export type Parting = { readonly status?: number; readonly reasons?: readonly Reason[] };

export type CallParties = {
  readonly callId: string;
  /** Where the INVITE came from or went to. */
  readonly peer: SipPeer;
};

const NEVER = Number.POSITIVE_INFINITY;

/** A call, whoever made it, from its INVITE to the answer to the BYE: the requests within its dialog, both ways. */
export class SipCall {
  readonly callId: string;
  readonly peer: SipPeer;
  #listener: SipCallListener = () => {};
  #phase: "inviting" | "established" | "ended" | "closed" = "inviting";
  /** Once there is a dialog. */
  #session: Renegotiation | undefined;
  #awaitedAck: AwaitedAck | undefined;
  /** The reasons of our BYE, which has to wait for the ACK. */
  #waitingBye: readonly Reason[] | undefined;

  constructor(
    private readonly host: CallHost,
    private readonly invite: PendingInvite,
    { callId, peer }: CallParties,
  ) {
    this.callId = callId;
    this.peer = peer;
  }

  /** Of its dialog; "" before there is one. */
  get key(): string {
    return this.#session?.dialog.key ?? "";
  }

  get isInviting(): boolean {
    return this.#phase === "inviting";
  }

  /** Over for both sides; only a BYE or CANCEL may still be under way. */
  get isEnded(): boolean {
    return this.#phase === "ended" || this.#phase === "closed";
  }

  get deadlineMs(): number {
    const awaited = this.#awaitedAck?.deadlineMs ?? NEVER;
    if (this.#phase === "inviting") return this.invite.deadlineMs;
    return this.#phase === "established" ? Math.min(awaited, this.#session?.deadlineMs ?? NEVER) : awaited;
  }

  /** Who is told of what happens from now on. */
  listen(listener: SipCallListener): void {
    this.#listener = listener;
  }

  /** Ends the call whatever its state: refuses or cancels its INVITE, or sends a BYE. */
  hangUp(nowMs: number, { status = 480, reasons = [] }: Parting = {}): void {
    if (this.#phase === "inviting") {
      this.endInvite({ by: "us", how: this.invite.givenUpAs, reasons }, status, nowMs);
    } else this.#hangUp({ by: "us", how: "hung-up", reasons }, nowMs);
    this.host.rearm(this);
  }

  /** The answer to the event reoffered: our description, which the peer must have asked for. */
  accept(sdp: Uint8Array, nowMs: number): void {
    this.#session?.accept(sdp, nowMs);
    this.host.rearm(this);
  }

  /** The other answer to the event reoffered: all stays as it was. */
  decline(nowMs: number, status = 488): void {
    this.#session?.decline(status, nowMs);
  }

  /** Offers another session (hold, resume); false if one is being negotiated already. */
  offer(sdp: Uint8Array, nowMs: number): boolean {
    return this.#phase === "established" && this.#session?.offer(sdp, this.#awaitedAck, nowMs) === true;
  }

  /** Presses a key by INFO, for a peer that takes no telephone-event. */
  sendDtmf(dtmf: InfoDtmf, nowMs: number): void {
    if (this.#phase !== "established") return;
    const info = { method: "INFO", headers: [INFO_DTMF_TYPE], body: encodeInfoDtmf(dtmf) };
    this.#send(info, ({ status }, atMs) => (status === 408 || status === 481) && this.#lose(atMs), nowMs);
  }

  /** Asks whether the peer still knows the call; if it does not, or does not say so in time, the call ends. */
  probe(nowMs: number, withinMs?: number): void {
    if (this.#phase === "established") this.#session?.probe(this.#awaitedAck, nowMs, withinMs);
    this.host.rearm(this);
  }

  /** For the INVITE: there is a dialog. */
  open(
    dialog: Dialog,
    session: Pick<RenegotiationUser, "contact" | "peerAllowsUpdate" | "isCaller">,
  ): Renegotiation {
    const call = this;
    this.#session = new Renegotiation(this.host, dialog, {
      ...session,
      get isEnded() {
        return call.isEnded;
      },
      tell: (event, nowMs) => this.tell(event, nowMs),
      onAccepted: (awaited) => {
        this.#awaitedAck = awaited;
      },
      onLost: (nowMs) => this.#lose(nowMs),
      onSettled: () => this.host.rearm(this),
    });
    this.host.keep(this);
    return this.#session;
  }

  /** For the INVITE: it was answered, and by us where there is an ACK to wait for. */
  establish(awaitedAck?: AwaitedAck): void {
    this.#phase = "established";
    this.#awaitedAck = awaitedAck;
    if (awaitedAck !== undefined) this.host.onAnswered(this);
    this.host.rearm(this);
  }

  /** For the INVITE. A bug in whoever is told must leave the call in order. */
  tell(event: SipCallEvent, nowMs: number): void {
    try {
      this.#listener(event, nowMs);
    } catch (thrown) {
      this.host.onBug(thrown, event.kind);
    }
  }

  /** For the INVITE: ends it before the answer, with this status where it is the peer's. */
  endInvite(end: CallEnd, status: number, nowMs: number): void {
    const isOver = this.invite.giveUp(status, end.by === "us" ? end.reasons : [], nowMs);
    this.end(end, nowMs);
    if (isOver) this.close(nowMs);
  }

  /** For the INVITE: the call is over for both sides. A peer that has the answer counts on it that the end is known. */
  end(end: CallEnd, nowMs: number, respond?: () => void): void {
    this.#phase = "ended";
    this.host.rearm(this);
    this.host.onEnded(this);
    this.tell({ kind: "ended", ...end }, nowMs);
    respond?.();
    this.#session?.stop(nowMs);
  }

  /** For the INVITE: nothing of an ended call is left. */
  close(nowMs: number): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#awaitedAck = undefined;
    this.host.onClosed(this);
    this.tell({ kind: "closed" }, nowMs);
  }

  /** Takes a request within the dialog, but for ACK and CANCEL. */
  receive(exchange: ServerExchange, nowMs: number): void {
    const { request, identity, source } = exchange;
    const session = this.#session;
    if (session?.dialog.acceptSequence(identity.cseq.number, source) !== true) exchange.respond(500, nowMs);
    else if (request.method === "BYE") this.#receiveBye(exchange, nowMs);
    else if (this.isEnded) exchange.respond(481, nowMs);
    else if (request.method === "INFO") this.#receiveInfo(exchange, nowMs);
    else if (this.#phase === "established" || request.body.length === 0) {
      session.receive(exchange, this.#awaitedAck, nowMs);
    } else exchange.respond(500, nowMs, { headers: [retryAfter(this.host)] });
    this.host.rearm(this);
  }

  /** The ACK to a 2xx of ours. */
  receiveAck(request: SipRequest, sequence: number, nowMs: number): void {
    const awaited = this.#awaitedAck;
    if (awaited?.sequence !== sequence) return;
    this.#awaitedAck = undefined;
    if (awaited.isFirst) this.host.onAcknowledged(this);
    if (this.#waitingBye !== undefined) this.#sendBye(this.#waitingBye, nowMs);
    else if (awaited.isFirst) this.tell({ kind: "acknowledged", sdp: sdpOf(request) }, nowMs);
    else if (awaited.isOffer)
      this.tell({ kind: "reanswered", sdp: sdpOf(request), refusedWith: undefined }, nowMs);
    this.host.rearm(this);
  }

  /** The caller gives up; nothing happens if the call was answered. */
  receiveCancel(cancel: SipRequest, nowMs: number): void {
    if (this.#phase !== "inviting") return;
    this.endInvite({ by: "peer", how: "cancelled", reasons: reasonsOf(cancel.headers) }, 487, nowMs);
  }

  tick(nowMs: number): void {
    if (this.#phase === "inviting") this.invite.tick(nowMs);
    else this.#tick(nowMs);
    this.host.rearm(this);
  }

  #tick(nowMs: number): void {
    if (this.#awaitedAck?.tick(nowMs) === false) {
      this.#awaitedAck = undefined;
      if (this.#waitingBye !== undefined) this.#sendBye(this.#waitingBye, nowMs);
      else this.#hangUp({ by: "network", how: "no-ack", reasons: [] }, nowMs);
    }
    if (this.#phase === "established" && this.#session?.tick(this.#awaitedAck, nowMs) === true) {
      this.#hangUp({ by: "network", how: "session-expired", reasons: [] }, nowMs);
    }
  }

  #receiveBye(exchange: ServerExchange, nowMs: number): void {
    const end: CallEnd = { by: "peer", how: "hung-up", reasons: reasonsOf(exchange.request.headers) };
    const respond = () => exchange.respond(200, nowMs);
    if (this.#phase === "established") {
      this.end(end, nowMs, respond);
      this.close(nowMs);
      return;
    }
    respond();
    if (this.#phase === "inviting") this.endInvite(end, 487, nowMs);
    else if (this.#awaitedAck !== undefined) this.close(nowMs);
  }

  #receiveInfo(exchange: ServerExchange, nowMs: number): void {
    const { status, headers, dtmf } = readInfo(exchange.request);
    exchange.respond(status, nowMs, { headers });
    if (dtmf !== undefined) this.tell({ kind: "dtmf", ...dtmf }, nowMs);
  }

  #lose(nowMs: number): void {
    this.#hangUp({ by: "network", how: "dialog-lost", reasons: [] }, nowMs);
  }

  /** After the answer. RFC 3261, section 15: no BYE before the ACK to the first 2xx, or before it is given up. */
  #hangUp(end: CallEnd, nowMs: number): void {
    if (this.#phase !== "established") return;
    if (this.#awaitedAck?.isFirst) this.#waitingBye = end.reasons;
    this.end(end, nowMs);
    if (this.#waitingBye === undefined) this.#sendBye(end.reasons, nowMs);
  }

  #sendBye(reasons: readonly Reason[], nowMs: number): void {
    this.#awaitedAck = undefined;
    this.#send({ method: "BYE", headers: reasons.map(reasonHeader) }, (_, atMs) => this.close(atMs), nowMs);
  }

  #send(request: DialogRequest, onFinal: (outcome: Outcome, nowMs: number) => void, nowMs: number): void {
    if (this.#session === undefined) return;
    const settle = (outcome: Outcome, atMs: number) => {
      onFinal(outcome, atMs);
      this.host.rearm(this);
    };
    sendInDialog(this.host, this.#session.dialog, request, settle, nowMs);
  }
}
