import { AppError, expectPeerFault } from "../../errors.ts";
import type { SipHeader, SipHeaders } from "./headers.ts";
import { type Identity, readIdentity } from "./identity.ts";
import { decodeNameAddr } from "./name-addr.ts";
import { requestDestination, type SipPeer } from "./peer.ts";
import { decodeUri } from "./uri.ts";

export type DialogId = { readonly callId: string; readonly localTag: string; readonly remoteTag: string };

export function dialogKey({ callId, localTag, remoteTag }: DialogId): string {
  return [callId, localTag, remoteTag].join("\n");
}

type DialogParts = DialogId & {
  /** From of our requests, and To. */
  readonly localParty: string;
  readonly remoteParty: string;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  /** Numbers of the last requests. */
  readonly localSequence: number;
  readonly remoteSequence: number;
  /** Where the peer's last request came from. */
  readonly source: SipPeer;
  /** Whether the peer sends to us itself and wants to be answered where it sends from. */
  readonly isNeighbour: boolean;
};

/** Where an INVITE of ours came from and went to. */
export type InviteParties = {
  /** The header, with its tag. */
  readonly from: string;
  readonly uri: string;
  readonly sequence: number;
  readonly destination: SipPeer;
};

/** The peer-to-peer relation that an INVITE made (RFC 3261, section 12). */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly #parts: DialogParts;
  #remoteTarget: string;
  #localSequence: number;
  #remoteSequence: number;
  #source: SipPeer;

  private constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.#parts = parts;
    this.#remoteTarget = parts.remoteTarget;
    this.#localSequence = parts.localSequence;
    this.#remoteSequence = parts.remoteSequence;
    this.#source = parts.source;
    this.#findNextHop();
  }

  /** Of an INVITE of the peer. Throws AppError `sip.*` if Contact or Record-Route can't be read. */
  static ofInvite(
    headers: SipHeaders,
    { callId, fromTag, cseq, via }: Identity,
    localTag: string,
    source: SipPeer,
  ): Dialog {
    return new Dialog({
      callId,
      localTag,
      remoteTag: fromTag,
      localParty: `${headers.first("to") ?? ""};tag=${localTag}`,
      remoteParty: headers.first("from") ?? "",
      routeSet: headers.list("record-route"),
      remoteTarget: readContact(headers, headers.first("from")),
      localSequence: 0,
      remoteSequence: cseq.number,
      source,
      isNeighbour: headers.list("via").length === 1 && via.parameters.has("rport"),
    });
  }

  /** Of a 2xx to an INVITE of ours. Throws AppError `sip.*` if Contact or Record-Route can't be read. */
  static ofAnswer(headers: SipHeaders, { from, uri, sequence, destination }: InviteParties): Dialog {
    const { callId, fromTag, toTag } = readIdentity(headers);
    return new Dialog({
      callId,
      localTag: fromTag,
      remoteTag: toTag ?? "",
      localParty: from,
      remoteParty: headers.first("to") ?? "",
      routeSet: headers.list("record-route").toReversed(),
      remoteTarget: readContact(headers, `<${uri}>`),
      localSequence: sequence,
      remoteSequence: -1,
      source: destination,
      isNeighbour: false,
    });
  }

  get key(): string {
    return dialogKey(this);
  }

  /** Where the next request goes. */
  get destination(): SipPeer {
    const { routeSet, isNeighbour } = this.#parts;
    return requestDestination(this.#findNextHop(), this.#source, isNeighbour && routeSet.length === 0);
  }

  /** False for a request that is older than another one that was seen (RFC 3261, section 12.2.2). */
  acceptSequence(number: number, source: SipPeer): boolean {
    if (number <= this.#remoteSequence) return false;
    this.#remoteSequence = number;
    this.#source = source;
    return true;
  }

  /** INVITE and UPDATE and their answers may name a new Contact. One that can't be read changes nothing. */
  refreshTarget(headers: SipHeaders): void {
    if (headers.first("contact") === undefined) return;
    try {
      this.#remoteTarget = readContact(headers, undefined);
    } catch (thrown) {
      expectPeerFault(thrown);
    }
  }

  /** The next request's URI, and its headers from Max-Forwards to CSeq; an ACK takes its INVITE's number. */
  makeRequest(
    method: string,
    ackedSequence?: number,
  ): { uri: string; sequence: number; headers: SipHeader[] } {
    const sequence = ackedSequence ?? ++this.#localSequence;
    const { uri, routes } = this.#route();
    return {
      uri,
      sequence,
      headers: [
        ...routes.map((value) => ({ name: "Route", value })),
        { name: "Max-Forwards", value: "70" },
        { name: "From", value: this.#parts.localParty },
        { name: "To", value: this.#parts.remoteParty },
        { name: "Call-ID", value: this.callId },
        { name: "CSeq", value: `${sequence} ${method}` },
      ],
    };
  }

  /** RFC 3261, section 12.2.1.1: a strict router (one without `lr`) wants its own URI in the request line. */
  #route(): { uri: string; routes: readonly string[] } {
    const [first, ...others] = this.#parts.routeSet;
    if (first === undefined) return { uri: this.#remoteTarget, routes: [] };
    const { uri } = decodeNameAddr(first);
    if (decodeUri(uri).parameters.has("lr")) return { uri: this.#remoteTarget, routes: this.#parts.routeSet };
    return { uri, routes: [...others, `<${this.#remoteTarget}>`] };
  }

  #findNextHop(): string {
    const [first] = this.#parts.routeSet;
    const uri = first === undefined ? this.#remoteTarget : decodeNameAddr(first).uri;
    decodeUri(uri);
    return uri;
  }
}

/** The URI of the one Contact, or as RFC 2543 allowed it, of another header. */
function readContact(headers: SipHeaders, other: string | undefined): string {
  const [contact, ...more] = headers.list("contact");
  if (more.length > 0) throw new AppError("peer", "sip.bad-contact", { have: more.length + 1 });
  const { uri } = decodeNameAddr(contact ?? other ?? "");
  decodeUri(uri);
  return uri;
}
