import { expectPeerFault } from "../../errors.ts";
import { type CallHost, type PendingInvite, SipCall } from "./call.ts";
import type { CallEnd } from "./call-event.ts";
import { ALLOW, SUPPORTED } from "./check-request.ts";
import { Dialog } from "./dialog.ts";
import { acknowledge, sendInDialog } from "./dialog-request.ts";
import { contactOf, SDP_TYPE } from "./endpoint.ts";
import type { SipHeader } from "./headers.ts";
import { readIdentity } from "./identity.ts";
import type { SipResponse } from "./message.ts";
import { encodeNameAddr, type NameAddr } from "./name-addr.ts";
import type { SipPeer } from "./peer.ts";
import { type Reason, reasonHeader, reasonsOf } from "./reason.ts";
import { sdpOf } from "./sdp-body.ts";
import { SessionTimer } from "./session-timer.ts";
import type { Cancel } from "./transaction-layer.ts";
import { decodeUri } from "./uri.ts";

export type InviteOptions = {
  /** The INVITE asks for this URI. */
  readonly to: Pick<NameAddr, "displayName" | "uri">;
  /** The user of this SIP URI stands in Contact too. */
  readonly from: Pick<NameAddr, "displayName" | "uri">;
  /** Our offer. */
  readonly sdp: Uint8Array;
  readonly destination: SipPeer;
  readonly headers?: readonly SipHeader[];
};

/** What one INVITE has in common with those that follow it. */
type Identifiers = { readonly callId: string; readonly tag: string };

/** RFC 4028, section 4, recommends it. */
const SESSION_S = 1800;
/** Proxies may fork an INVITE. What more telephones answer than these is left to run out. */
const MAX_ANSWERS = 8;
const NEVER = Number.POSITIVE_INFINITY;

/** An INVITE of ours and its answers (RFC 3261, section 13.2; CANCEL: section 9.1). */
export class OutgoingInvite implements PendingInvite {
  readonly givenUpAs = "cancelled";
  /** Its timers are the transaction's. */
  readonly deadlineMs = NEVER;
  readonly call: SipCall;
  readonly #from: string;
  readonly #contact: SipHeader;
  /** The dialogs that were answered, by the peer's tag; the first one is the call's. */
  readonly #answered = new Map<string, Dialog>();
  #sequence = 0;
  #minSeS: number | undefined;
  #isInProgress = false;
  /** Why the INVITE is taken back. */
  #givenUpFor: readonly SipHeader[] | undefined;
  #cancel: Cancel = () => {};

  /** Throws AppError `sip.bad-uri` if one of the URIs is no SIP URI. */
  constructor(
    private readonly host: CallHost,
    private readonly options: InviteOptions,
    private readonly identifiers: Identifiers,
  ) {
    const { to, from, destination } = options;
    decodeUri(to.uri);
    this.#from = `${encodeNameAddr(from)};tag=${identifiers.tag}`;
    this.#contact = contactOf(host, decodeUri(from.uri).user, destination);
    this.call = new SipCall(host, this, { callId: identifiers.callId, peer: destination });
  }

  /** Sends it. The call may end before this returns, if there are too many transactions. */
  start(nowMs: number): void {
    const { to, sdp, destination, headers = [] } = this.options;
    const sequence = ++this.#sequence;
    const ours = {
      "Max-Forwards": "70",
      From: this.#from,
      To: encodeNameAddr(to),
      "Call-ID": this.identifiers.callId,
      CSeq: `${sequence} INVITE`,
      "User-Agent": this.host.software,
    };
    const request = {
      method: "INVITE",
      uri: to.uri,
      headers: [
        ...Object.entries(ours).map(([name, value]) => ({ name, value })),
        this.#contact,
        ALLOW,
        SUPPORTED,
        ...SessionTimer.ask(SESSION_S, this.#minSeS),
        ...headers,
        SDP_TYPE,
      ],
      body: sdp,
    };
    this.#cancel = this.host.layer.request(
      request,
      destination,
      (response, atMs) => {
        this.#receive(response, atMs);
        this.host.rearm(this.call);
      },
      nowMs,
    );
  }

  /** No CANCEL before the peer has shown that it has the INVITE; none but the final answer ends the call. */
  giveUp(_status: number, reasons: readonly Reason[], nowMs: number): boolean {
    this.#givenUpFor = reasons.map(reasonHeader);
    if (this.#isInProgress) this.#cancel(this.#givenUpFor, nowMs);
    return false;
  }

  tick(): void {}

  #receive(response: SipResponse | "timed-out", nowMs: number): void {
    if (response === "timed-out") this.#fail({ by: "network", how: "no-response", reasons: [] }, nowMs);
    else if (response.status < 200) this.#progress(response, nowMs);
    else if (response.status < 300) this.#accept(response, nowMs);
    else this.#refuse(response, nowMs);
  }

  #progress(response: SipResponse, nowMs: number): void {
    const { status } = response;
    this.#isInProgress = true;
    if (this.#givenUpFor !== undefined) this.#cancel(this.#givenUpFor, nowMs);
    else if (status > 100) this.call.tell({ kind: "progress", status, sdp: sdpOf(response) }, nowMs);
  }

  /** RFC 3261, section 13.2.2.4: each 2xx gets an ACK, also when it comes again; only the first one is the call. */
  #accept(response: SipResponse, nowMs: number): void {
    const tag = readIdentity(response.headers).toTag ?? "";
    const known = this.#answered.get(tag);
    if (known === undefined && this.#answered.size === MAX_ANSWERS) return;
    const dialog = known ?? this.#readDialog(response);
    if (dialog === undefined) {
      if (this.#answered.size === 0) this.#fail({ by: "network", how: "dialog-lost", reasons: [] }, nowMs);
      return;
    }
    acknowledge(this.host, dialog, this.#sequence);
    if (known !== undefined) return;
    this.#answered.set(tag, dialog);
    if (this.#answered.size > 1) this.#dismiss(dialog, () => {}, nowMs);
    else if (this.call.isEnded) this.#dismiss(dialog, (atMs) => this.call.close(atMs), nowMs);
    else this.#establish(dialog, response, nowMs);
  }

  #readDialog({ headers }: SipResponse): Dialog | undefined {
    const { to, destination } = this.options;
    try {
      return Dialog.ofAnswer(headers, {
        from: this.#from,
        uri: to.uri,
        sequence: this.#sequence,
        destination,
      });
    } catch (thrown) {
      expectPeerFault(thrown);
      return undefined;
    }
  }

  #establish(dialog: Dialog, response: SipResponse, nowMs: number): void {
    const session = this.call.open(dialog, {
      contact: this.#contact,
      peerAllowsUpdate: response.headers.tokens("allow").includes("update"),
      isCaller: true,
    });
    session.localSdp = this.options.sdp;
    session.timer.confirm(response.headers, nowMs);
    this.call.establish();
    this.call.tell({ kind: "answered", sdp: sdpOf(response) }, nowMs);
  }

  /** An answer that nobody wants any more. */
  #dismiss(dialog: Dialog, onGone: (nowMs: number) => void, nowMs: number): void {
    const bye = { method: "BYE", headers: this.#givenUpFor ?? [] };
    sendInDialog(this.host, dialog, bye, (_, atMs) => onGone(atMs), nowMs);
  }

  #refuse(response: SipResponse, nowMs: number): void {
    const { status, headers } = response;
    const minSeS = status === 422 ? SessionTimer.readMinSe(headers) : undefined;
    if (minSeS === undefined || this.#minSeS !== undefined || this.call.isEnded) {
      this.#fail({ by: "peer", how: "refused", status, reasons: reasonsOf(headers) }, nowMs);
    } else {
      this.#minSeS = minSeS;
      this.#isInProgress = false;
      this.start(nowMs);
    }
  }

  #fail(end: CallEnd, nowMs: number): void {
    if (!this.call.isEnded) this.call.end(end, nowMs);
    this.call.close(nowMs);
  }
}
