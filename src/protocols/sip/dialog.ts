import { AppError } from "../../errors.ts";
import type { SipHeader, SipHeaders } from "./headers.ts";
import type { Identity } from "./identity.ts";
import { decodeNameAddr } from "./name-addr.ts";
import { requestDestination, type SipPeer } from "./peer.ts";
import { decodeUri } from "./uri.ts";

export type DialogId = { readonly callId: string; readonly localTag: string; readonly remoteTag: string };

export function dialogKey({ callId, localTag, remoteTag }: DialogId): string {
  return [callId, localTag, remoteTag].join("\n");
}

/** The peer-to-peer relation that an INVITE of a peer made (RFC 3261, section 12). */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly #localParty: string;
  readonly #remoteParty: string;
  readonly #routeSet: readonly string[];
  #remoteTarget: string;
  #localSequence = 0;
  #remoteSequence: number;
  /** Where its last request came from. */
  #source: SipPeer;

  /** Throws AppError `sip.*` if Contact or Record-Route can't be read. */
  constructor(headers: SipHeaders, { callId, fromTag, cseq }: Identity, localTag: string, source: SipPeer) {
    this.callId = callId;
    this.localTag = localTag;
    this.remoteTag = fromTag;
    this.#localParty = `${headers.first("to") ?? ""};tag=${localTag}`;
    this.#remoteParty = headers.first("from") ?? "";
    this.#routeSet = headers.list("record-route");
    this.#remoteTarget = readContact(headers);
    this.#remoteSequence = cseq.number;
    this.#source = source;
    this.#findNextHop();
  }

  get key(): string {
    return dialogKey(this);
  }

  /** Where the next request goes. */
  get destination(): SipPeer {
    return requestDestination(this.#findNextHop(), this.#source);
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
      this.#remoteTarget = readContact(headers);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
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
        { name: "From", value: this.#localParty },
        { name: "To", value: this.#remoteParty },
        { name: "Call-ID", value: this.callId },
        { name: "CSeq", value: `${sequence} ${method}` },
      ],
    };
  }

  /** RFC 3261, section 12.2.1.1: a strict router (one without `lr`) wants its own URI in the request line. */
  #route(): { uri: string; routes: readonly string[] } {
    const [first, ...others] = this.#routeSet;
    if (first === undefined) return { uri: this.#remoteTarget, routes: [] };
    const { uri } = decodeNameAddr(first);
    if (decodeUri(uri).parameters.has("lr")) return { uri: this.#remoteTarget, routes: this.#routeSet };
    return { uri, routes: [...others, `<${this.#remoteTarget}>`] };
  }

  #findNextHop(): string {
    const [first] = this.#routeSet;
    const uri = first === undefined ? this.#remoteTarget : decodeNameAddr(first).uri;
    decodeUri(uri);
    return uri;
  }
}

/** The URI of the one Contact, or as RFC 2543 allowed it, of From. */
function readContact(headers: SipHeaders): string {
  const [contact, ...more] = headers.list("contact");
  if (more.length > 0) throw new AppError("peer", "sip.bad-contact", { have: more.length + 1 });
  const { uri } = decodeNameAddr(contact ?? headers.first("from") ?? "");
  decodeUri(uri);
  return uri;
}
