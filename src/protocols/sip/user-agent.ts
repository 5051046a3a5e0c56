import { expectPeerFault } from "../../errors.ts";
import type { CallHost, SipCall } from "./call.ts";
import type { SipCallListener } from "./call-event.ts";
import { CallerLedger } from "./caller-ledger.ts";
import {
  ACCEPT_SDP,
  ALLOW,
  checkContent,
  checkNeeds,
  checkSyntax,
  type Refusal,
  SUPPORTED,
} from "./check-request.ts";
import { DeadlineHeap } from "./deadline-heap.ts";
import { dialogKey } from "./dialog.ts";
import { retryAfter } from "./endpoint.ts";
import { type Identity, readIdentity } from "./identity.ts";
import { IncomingInvite } from "./incoming-invite.ts";
import { decodeMessage, isRequest, type SipMessage, type SipRequest, type SipResponse } from "./message.ts";
import { type InviteOptions, OutgoingInvite } from "./outgoing-invite.ts";
import { responseDestination, type SipPeer } from "./peer.ts";
import { buildResponse, type ServerExchange } from "./server-exchange.ts";
import { SessionTimer } from "./session-timer.ts";
import { TransactionLayer } from "./transaction-layer.ts";
import { encodeHostPort } from "./uri.ts";
import { decodeVia, type Via } from "./via.ts";

export type SipUserAgentOptions = {
  /** The IP address and port that peers reach us at: in Contact and Via. */
  readonly address: string;
  readonly port: number;
  /** A product token, as `nway-wx/1.0`. */
  readonly software: string;
  /** That have not ended. */
  readonly maxCalls: number;
  readonly maxTransactions: number;
  /** Unguessable and new each time, of letters and digits: tags and branches. */
  readonly token: () => string;
  /** From 0 to below 1: waits after collisions. */
  readonly random: () => number;
  readonly send: (bytes: Uint8Array, destination: SipPeer) => void;
  /** A peer calls. Whoever takes the call listens to it, or hangs it up, before this returns or later. */
  readonly onInvite: (invite: IncomingInvite, nowMs: number) => void;
  /** A listener threw at an event. The user agent stays in order. */
  readonly onBug: (thrown: unknown, event: string) => void;
};

/** What came in and led to nothing. */
export type SipCounters = {
  /** Could not be read, and could not be answered either. */
  malformed: number;
  /** Responses and ACKs that fit nothing. */
  stray: number;
};

/** Takes calls and makes them. Pure: time, chance and the network come from outside. */
export class SipUserAgent {
  readonly counters: SipCounters = { malformed: 0, stray: 0 };
  /** Those that have a dialog, by its key. */
  readonly #calls = new Map<string, SipCall>();
  readonly #deadlines = new DeadlineHeap<SipCall>();
  readonly #layer: TransactionLayer;
  readonly #host: CallHost;
  readonly #ledger: CallerLedger<SipCall>;
  /** Calls that are not closed, and those of them that have not ended. */
  #callCount = 0;
  #liveCount = 0;

  constructor(readonly options: SipUserAgentOptions) {
    const { address, port, software, random, onBug } = options;
    this.#ledger = new CallerLedger(options.maxCalls / 2);
    this.#layer = new TransactionLayer({ ...options, sentBy: encodeHostPort(address, port) });
    this.#host = {
      layer: this.#layer,
      address,
      port,
      software,
      random,
      onBug,
      keep: (call) => this.#calls.set(call.key, call),
      rearm: (call) => this.#deadlines.set(call, call.deadlineMs),
      onAnswered: (call) => this.#ledger.answer(call),
      onAcknowledged: (call) => this.#ledger.confirm(call),
      onEnded: (call) => {
        this.#liveCount--;
        this.#ledger.forget(call);
      },
      onClosed: (call) => {
        this.#callCount--;
        this.#calls.delete(call.key);
        this.#deadlines.delete(call);
      },
    };
  }

  get callCount(): number {
    return this.#callCount;
  }

  get transactionCount(): number {
    return this.#layer.count;
  }

  /** Whether the peer has had a call with us. */
  isKnown(peer: SipPeer): boolean {
    return this.#ledger.isKnown(peer);
  }

  /** The peers of all calls that have not ended. */
  listPeers(): SipPeer[] {
    return [...this.#calls.values()].flatMap((call) => (call.isEnded ? [] : [call.peer]));
  }

  /** When to call tick next; it may change with each call of a method. Infinity for never. */
  get nextDeadlineMs(): number {
    return Math.min(this.#layer.nextDeadlineMs, this.#deadlines.nextMs);
  }

  tick(nowMs: number): void {
    this.#layer.tick(nowMs);
    for (let due = this.#deadlines.takeDue(nowMs); due !== undefined; due = this.#deadlines.takeDue(nowMs)) {
      due.tick(nowMs);
    }
  }

  /**
   * Calls a peer. The listener may be told of the end before this returns, if there are too many calls already.
   * Throws AppError `sip.bad-uri` if one of the URIs is no SIP URI.
   */
  invite(options: InviteOptions, listener: SipCallListener, nowMs: number): SipCall {
    const { token } = this.options;
    const invite = new OutgoingInvite(this.#host, options, { callId: token(), tag: token() });
    const { call } = invite;
    call.listen(listener);
    const isFull = this.#isCallsFull();
    this.#callCount++;
    this.#liveCount++;
    if (isFull) {
      call.end({ by: "us", how: "refused", status: 503, reasons: [] }, nowMs);
      call.close(nowMs);
    } else invite.start(nowMs);
    return call;
  }

  /** Takes one datagram. What it holds makes it throw nothing; only `onBug` and `send` may. */
  receiveDatagram(bytes: Uint8Array, source: SipPeer, nowMs: number): void {
    if (bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0)) return;
    const message = this.#orCount(() => decodeMessage(bytes));
    if (message !== undefined) this.receiveMessage(message, source, nowMs);
  }

  /** Takes one message, as the framer of a connection gives it out. */
  receiveMessage(message: SipMessage, source: SipPeer, nowMs: number): void {
    if (isRequest(message)) this.#receiveRequest(message, source, nowMs);
    else this.#receiveResponse(message, nowMs);
  }

  /** What `read` makes of the peer's bytes; undefined, and counted, if it can't be read. */
  #orCount<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (thrown) {
      expectPeerFault(thrown);
      this.counters.malformed++;
      return undefined;
    }
  }

  #receiveResponse(response: SipResponse, nowMs: number): void {
    const identity = this.#orCount(() => readIdentity(response.headers));
    if (identity === undefined) return;
    if (!this.#layer.receiveResponse(response, identity, nowMs)) this.counters.stray++;
  }

  #receiveRequest(request: SipRequest, source: SipPeer, nowMs: number): void {
    const via = this.#orCount(() => decodeVia(request.headers.list("via")[0] ?? ""));
    if (via === undefined) return;
    const identity = this.#orCount(() => readIdentity(request.headers));
    const flaw = identity === undefined ? { status: 400 } : checkSyntax(request, identity);
    if (identity === undefined || flaw !== undefined) {
      this.#refuseStateless(request, via, source, flaw ?? { status: 400 });
    } else if (this.#layer.absorb(request, identity, nowMs)) return;
    else if (request.method === "ACK") this.#receiveAck(request, identity, nowMs);
    else if (!this.#hasPlace(request, identity, source)) {
      this.#refuseStateless(request, via, source, { status: 503, headers: [retryAfter(this.#host)] });
    } else this.#receiveNew(request, identity, source, nowMs);
  }

  /**
   * What changes or ends a call must get through when new calls have filled the table. What has no place is refused
   * without a transaction: whoever floods us does not acknowledge, and each refusal would be sent for 32 s.
   */
  #hasPlace(request: SipRequest, identity: Identity, source: SipPeer): boolean {
    const isNewCall = request.method === "INVITE" && identity.toTag === undefined;
    if (isNewCall && (this.#isCallsFull() || this.#ledger.isFull(source))) return false;
    if (!this.#layer.isFull) return true;
    if (this.#layer.isReserveFull) return false;
    return request.method === "CANCEL"
      ? this.#layer.findCancelled(request, identity) !== undefined
      : this.#findCall(identity) !== undefined;
  }

  #refuseStateless(request: SipRequest, via: Via, source: SipPeer, { status, headers }: Refusal): void {
    if (request.method === "ACK") {
      this.counters.stray++;
      return;
    }
    const tag = this.options.token();
    const bytes = buildResponse(request, via, source, status, { headers: headers ?? [], tag });
    this.options.send(bytes, responseDestination(via, source));
  }

  #receiveAck(request: SipRequest, identity: Identity, nowMs: number): void {
    const call = this.#findCall(identity);
    if (call === undefined) this.counters.stray++;
    else call.receiveAck(request, identity.cseq.number, nowMs);
  }

  #receiveNew(request: SipRequest, identity: Identity, source: SipPeer, nowMs: number): void {
    const isMerged = this.#layer.isMerged(identity);
    const exchange = this.#layer.open(request, identity, source);
    const refusal = isMerged ? { status: 482 } : checkNeeds(request);
    if (request.method === "CANCEL") this.#receiveCancel(exchange, nowMs);
    else if (refusal !== undefined) exchange.respond(refusal.status, nowMs, refusal);
    else if (request.method === "OPTIONS") this.#receiveOptions(exchange, nowMs);
    else if (identity.toTag !== undefined || request.method !== "INVITE") {
      const call = this.#findCall(identity);
      if (call === undefined) exchange.respond(481, nowMs);
      else call.receive(exchange, nowMs);
    } else this.#receiveInvite(exchange, nowMs);
  }

  #receiveCancel(exchange: ServerExchange, nowMs: number): void {
    const { request, identity } = exchange;
    const invite = this.#layer.findCancelled(request, identity);
    exchange.respond(invite === undefined ? 481 : 200, nowMs);
    if (invite === undefined) return;
    this.#findCall({ ...invite.identity, toTag: invite.tag })?.receiveCancel(request, nowMs);
  }

  #receiveOptions(exchange: ServerExchange, nowMs: number): void {
    const { toTag } = exchange.identity;
    const isKnown = toTag === undefined || this.#findCall(exchange.identity) !== undefined;
    exchange.respond(isKnown ? 200 : 481, nowMs, { headers: isKnown ? [ALLOW, ACCEPT_SDP, SUPPORTED] : [] });
  }

  #receiveInvite(exchange: ServerExchange, nowMs: number): void {
    const refusal = this.#checkInvite(exchange.request);
    if (refusal !== undefined) {
      exchange.respond(refusal.status, nowMs, refusal);
      return;
    }
    const invite = this.#openInvite(exchange, nowMs);
    if (invite === undefined) return;
    exchange.respond(100, nowMs);
    try {
      this.options.onInvite(invite, nowMs);
    } catch (thrown) {
      // It would ring for ever.
      invite.call.hangUp(nowMs, { status: 500 });
      this.options.onBug(thrown, "invited");
    }
  }

  #checkInvite(request: SipRequest): Refusal | undefined {
    const content = checkContent(request);
    if (content !== undefined) return content;
    if (SessionTimer.isTooShort(request.headers)) return { status: 422, headers: [SessionTimer.minSe] };
    return undefined;
  }

  /** A call that only waits for the answer to its BYE, as when the peer was restarted, takes nobody's place. */
  #isCallsFull(): boolean {
    return this.#liveCount >= this.options.maxCalls;
  }

  #openInvite(exchange: ServerExchange, nowMs: number): IncomingInvite | undefined {
    try {
      const invite = new IncomingInvite(this.#host, exchange, nowMs);
      this.#callCount++;
      this.#liveCount++;
      this.#ledger.begin(invite.call, exchange.source);
      this.#host.rearm(invite.call);
      return invite;
    } catch (thrown) {
      expectPeerFault(thrown);
      exchange.respond(400, nowMs);
      return undefined;
    }
  }

  #findCall({ callId, fromTag, toTag }: Identity): SipCall | undefined {
    return this.#calls.get(dialogKey({ callId, localTag: toTag ?? "", remoteTag: fromTag }));
  }
}
