import { AppError } from "../../errors.ts";
import { type SipHeader, SipHeaders } from "./headers.ts";
import { fromWireBytes, toWireBytes } from "./wire-text.ts";

export const MAX_MESSAGE_BYTES = 65_536;
const MAX_HEADER_COUNT = 256;
const NO_BODY = new Uint8Array(0);

type SipContent = { readonly headers: SipHeaders; readonly body: Uint8Array };

export type SipRequest = SipContent & {
  readonly method: string;
  readonly uri: string;
  /** `SIP/2.0` in everything that we understand. */
  readonly version: string;
  /** A header line without a name, or a body that is shorter or less sure than Content-Length says: answer 400. */
  readonly isBroken: boolean;
};

export type SipResponse = SipContent & { readonly status: number; readonly reason: string };

export type SipMessage = SipRequest | SipResponse;

/** What one has to fill in to send a message; Content-Length is added. */
export type Outgoing = { readonly headers: readonly SipHeader[]; readonly body?: Uint8Array | undefined };

export function isRequest(message: SipMessage): message is SipRequest {
  return "method" in message;
}

const REQUEST_LINE = /^([A-Za-z0-9.!%*_+`'~-]{1,64}) (.*) (SIP\/[0-9]{1,3}\.[0-9]{1,3})$/i;
const STATUS_LINE = /^SIP\/2\.0 ([1-6][0-9]{2})(?: (.*))?$/i;
const HEADER_LINE = /^([A-Za-z0-9.!%*_+`'~-]+)[ \t]*:(.*)$/s;
const CONTENT_LENGTH = /^[0-9]{1,9}$/;

/**
 * Reads one whole message (RFC 3261, section 7), as a datagram holds it; empty lines before it and bytes after its
 * body are ignored. Throws AppError `sip.*` for what can't even be answered; the rest of the checks is checkRequest's.
 */
export function decodeMessage(bytes: Uint8Array): SipMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new AppError("peer", "sip.message-too-long", { have: bytes.length, limit: MAX_MESSAGE_BYTES });
  }
  const start = skipEmptyLines(bytes);
  const bodyAt = findBody(bytes, start);
  if (bodyAt === undefined) throw new AppError("peer", "sip.unfinished-head", { have: bytes.length });
  const head = decodeHead(bytes.subarray(start, bodyAt));
  const length = bodyLengthOf(head.headers) ?? bytes.length - bodyAt;
  const body = bytes.subarray(bodyAt, bodyAt + length);
  if (body.length === length) return { ...head, body };
  if (!isRequest(head)) throw new AppError("peer", "sip.short-body", { have: body.length, need: length });
  return { ...head, body, isBroken: true };
}

/** Where CR and LF that keep a connection or a NAT binding alive are over (RFC 3261, section 7.5). */
export function skipEmptyLines(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at++;
  return at;
}

/** Where the body begins, after the empty line; undefined as long as there is none. */
export function findBody(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0x0d, from); at !== -1; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] === 0x0a && bytes[at + 2] === 0x0d && bytes[at + 3] === 0x0a) return at + 4;
  }
  return undefined;
}

/** Reads start line and headers, the empty line included; the body is empty. Throws AppError `sip.*`. */
export function decodeHead(bytes: Uint8Array): SipMessage {
  const [startLine = "", ...lines] = unfold(fromWireBytes(bytes.subarray(0, -4)));
  if (lines.length > MAX_HEADER_COUNT) {
    throw new AppError("peer", "sip.too-many-headers", { have: lines.length, limit: MAX_HEADER_COUNT });
  }
  const fields: SipHeader[] = [];
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.push({ name, value: value.trim() });
  }
  const headers = new SipHeaders(fields);
  const [, status, reason = ""] = STATUS_LINE.exec(startLine) ?? [];
  if (status !== undefined) return { status: Number(status), reason, headers, body: NO_BODY };
  const [, method, uri, version] = REQUEST_LINE.exec(startLine) ?? [];
  if (method === undefined || uri === undefined || version === undefined) {
    throw new AppError("peer", "sip.bad-start-line");
  }
  const isBroken = fields.length < lines.length || !isLengthSure(headers);
  return { method, uri, version: version.toUpperCase(), headers, body: NO_BODY, isBroken };
}

/** What Content-Length says; undefined if it says nothing that can be trusted. */
export function bodyLengthOf(headers: SipHeaders): number | undefined {
  const length = headers.first("content-length");
  return length !== undefined && isLengthSure(headers) ? Number(length) : undefined;
}

function isLengthSure(headers: SipHeaders): boolean {
  const lengths = headers.all("content-length");
  return lengths.length === 0 || (lengths.length === 1 && CONTENT_LENGTH.test(lengths[0] ?? ""));
}

/** RFC 3261, section 7.3.1: a line that begins with a blank goes on with the line before. */
function unfold(head: string): string[] {
  const folded: string[][] = [];
  for (const line of head.split("\r\n")) {
    if (/[\r\n]/.test(line)) throw new AppError("peer", "sip.bare-line-end");
    const before = folded.at(-1);
    if (before !== undefined && /^[ \t]/.test(line)) before.push(line.trim());
    else folded.push([line]);
  }
  return folded.map((parts) => parts.join(" "));
}

export function encodeRequest(method: string, uri: string, outgoing: Outgoing): Uint8Array {
  return encode(`${method} ${uri} SIP/2.0`, outgoing);
}

export function encodeResponse(status: number, reason: string, outgoing: Outgoing): Uint8Array {
  return encode(`SIP/2.0 ${status} ${reason}`, outgoing);
}

/** Throws AppError fault "bug" where a line break would get into a line: no value may ever add a header. */
function encode(startLine: string, { headers, body = NO_BODY }: Outgoing): Uint8Array {
  const lines = [startLine, ...headers.map(({ name, value }) => `${name}: ${value}`)];
  for (const line of lines) {
    if (/[\r\n\u0100-\uffff]/.test(line))
      throw new AppError("bug", "sip.bad-line", { name: line.split(":")[0] });
  }
  const head = toWireBytes(`${lines.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
