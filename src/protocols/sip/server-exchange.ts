import type { SipHeader } from "./headers.ts";
import type { Identity } from "./identity.ts";
import { encodeResponse, type SipRequest } from "./message.ts";
import { decodeNameAddr } from "./name-addr.ts";
import type { SipPeer } from "./peer.ts";
import { phraseOf } from "./status.ts";
import { encodeVia, stampVia, type Via } from "./via.ts";

export type ResponseParts = {
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array | undefined;
};

/** One request of a peer and the way to answer it. */
export class ServerExchange {
  constructor(
    readonly request: SipRequest,
    readonly identity: Identity,
    readonly source: SipPeer,
    /** What To gets in each answer that has no tag yet, 100 apart. */
    readonly tag: string,
    private readonly send: (status: number, bytes: Uint8Array, nowMs: number) => void,
  ) {}

  /** The status of the last answer, 0 before it. */
  status = 0;

  /** Another final answer after the first is not sent, but for the same 2xx to an INVITE. */
  respond(status: number, nowMs: number, parts: ResponseParts = {}): void {
    if (this.status >= 200 && this.status !== status) return;
    this.status = status;
    const bytes = buildResponse(this.request, this.identity.via, this.source, status, {
      ...parts,
      tag: status === 100 ? undefined : this.tag,
    });
    this.send(status, bytes, nowMs);
  }
}

/** The answer to any request that has at least a Via (RFC 3261, section 8.2.6). */
export function buildResponse(
  request: SipRequest,
  via: Via,
  source: SipPeer,
  status: number,
  { headers = [], body, tag }: ResponseParts & { readonly tag: string | undefined },
): Uint8Array {
  const [, ...otherVias] = request.headers.list("via");
  const stamped = encodeVia(stampVia(via, source.address, source.port));
  const copied: SipHeader[] = [stamped, ...otherVias].map((value) => ({ name: "Via", value }));
  if (status > 100 && status < 300) {
    for (const value of request.headers.all("record-route")) copied.push({ name: "Record-Route", value });
  }
  for (const name of ["From", "To", "Call-ID", "CSeq"]) {
    const value = request.headers.first(name);
    if (value !== undefined) copied.push({ name, value: name === "To" ? withTag(value, tag) : value });
  }
  return encodeResponse(status, phraseOf(status), { headers: [...copied, ...headers], body });
}

function withTag(to: string, tag: string | undefined): string {
  return tag === undefined || hasTag(to) ? to : `${to};tag=${tag}`;
}

function hasTag(to: string): boolean {
  try {
    return decodeNameAddr(to).parameters.has("tag");
  } catch {
    return false;
  }
}
