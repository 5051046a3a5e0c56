import type { SipHeader } from "./headers.ts";
import type { Identity } from "./identity.ts";
import type { SipRequest } from "./message.ts";
import { sdpOf } from "./sdp-body.ts";
import { decodeUri, schemeOf } from "./uri.ts";

export type Refusal = { readonly status: number; readonly headers?: readonly SipHeader[] };

/** PRACK is not among them: 100rel is never offered. */
const METHODS = ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE"];
const KNOWN_METHODS = ["REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "REFER"];
const EXTENSIONS = ["timer"];
/** No answer is to be longer than a datagram because the request was. */
const MAX_NAMED = 16;
const SDP = "application/sdp";

export const ALLOW: SipHeader = { name: "Allow", value: METHODS.join(", ") };
export const SUPPORTED: SipHeader = { name: "Supported", value: EXTENSIONS.join(", ") };
export const ACCEPT_SDP: SipHeader = { name: "Accept", value: SDP };

/** What is wrong with the message itself, whatever it wants. */
export function checkSyntax(request: SipRequest, { cseq }: Identity): Refusal | undefined {
  if (request.version !== "SIP/2.0") return { status: 505 };
  if (request.isBroken || cseq.method !== request.method) return { status: 400 };
  const maxForwards = request.headers.first("max-forwards") ?? "70";
  if (!/^[0-9]+$/.test(maxForwards) || Number(maxForwards) > 255) return { status: 400 };
  const scheme = schemeOf(request.uri);
  if (scheme === undefined) return { status: 400 };
  if (scheme !== "sip") return { status: 416 };
  try {
    decodeUri(request.uri);
  } catch {
    return { status: 400 };
  }
  return undefined;
}

/** Whether we can do what the request needs (RFC 3261, sections 8.2.1 to 8.2.3). */
export function checkNeeds(request: SipRequest): Refusal | undefined {
  const { method, headers } = request;
  if (!METHODS.includes(method)) {
    return { status: KNOWN_METHODS.includes(method) ? 405 : 501, headers: [ALLOW] };
  }
  const unsupported = headers.tokens("require").filter((tag) => !EXTENSIONS.includes(tag));
  if (unsupported.length > 0) {
    return {
      status: 420,
      headers: [{ name: "Unsupported", value: unsupported.slice(0, MAX_NAMED).join(", ") }],
    };
  }
  return undefined;
}

/** Whether the body of an INVITE or UPDATE is a session description, or there is none. */
export function checkContent({ headers, body }: SipRequest): Refusal | undefined {
  const encodings = headers.tokens("content-encoding").filter((encoding) => encoding !== "identity");
  if (encodings.length > 0) return { status: 415, headers: [{ name: "Accept-Encoding", value: "identity" }] };
  if (body.length > 0 && sdpOf({ headers, body }) === undefined) {
    return { status: 415, headers: [ACCEPT_SDP] };
  }
  return undefined;
}
