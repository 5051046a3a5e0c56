import type { SipHeaders } from "./headers.ts";
import { decodeParameters, unquote } from "./parameters.ts";
import { fromWireBytes, toWireBytes } from "./wire-text.ts";

const SDP = "application/sdp";
const MULTIPART = "multipart/";
/** Gateways of the old network put ISUP beside the session description, no more than that. */
const MAX_PARTS = 16;
/** An alternative may stand within what is mixed. */
const MAX_DEPTH = 2;
/** RFC 2045, section 5.1: type and subtype; the parameters behind it. */
const CONTENT_TYPE = /^([^;]*)(;.*)?$/s;

type Content = { readonly headers: Pick<SipHeaders, "first">; readonly body: Uint8Array };

/** In lower case, without parameters. */
export function contentTypeOf(value: string | undefined): string {
  return (value ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** The session description in a message, if it has one: the body itself, or one of its parts (RFC 5621). */
export function sdpOf({ headers, body }: Content): Uint8Array | undefined {
  if (body.length === 0) return undefined;
  const contentType = headers.first("content-type");
  if (contentType === undefined) return fromWireBytes(body.subarray(0, 2)) === "v=" ? body : undefined;
  if (contentTypeOf(contentType) === SDP) return body;
  const text = findPart(contentType, fromWireBytes(body), MAX_DEPTH);
  return text === undefined ? undefined : toWireBytes(text);
}

/** RFC 2046, section 5.1.1: parts stand between lines of two hyphens and the boundary. */
function findPart(contentType: string, body: string, depth: number): string | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined || depth === 0) return undefined;
  const [, ...parts] = `\n${body}`.split(`\n--${boundary}`, MAX_PARTS + 1);
  for (const part of parts) {
    const [head = "", ...rest] = part.split(/\r?\n\r?\n/);
    const content = rest.join("\r\n\r\n");
    const type = /^content-type[ \t]*:(.*)$/im.exec(head)?.[1]?.trim() ?? "";
    if (contentTypeOf(type) === SDP) return content;
    const inner = findPart(type, content, depth - 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Undefined for what is no multipart. */
function boundaryOf(contentType: string): string | undefined {
  if (!contentTypeOf(contentType).startsWith(MULTIPART)) return undefined;
  try {
    const parameters = decodeParameters(CONTENT_TYPE.exec(contentType)?.[2] ?? "");
    return unquote(parameters.get("boundary") ?? "") || undefined;
  } catch {
    return undefined;
  }
}
