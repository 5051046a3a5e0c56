import { AppError } from "../../errors.ts";

/** RFC 9110, section 5.6.2. */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE_PATTERN = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e]+) HTTP/1\\.([0-9])$`);
/** A name and its colon with nothing between, then a value of visible characters, blanks, tabs and obs-text. */
const HEADER_LINE_PATTERN = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*)$`);
const ABSOLUTE_FORM_PATTERN = /^https?:\/\/[^/?#]+(.*)$/i;

type RequestLine = {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly version: "1.0" | "1.1";
};

/** Reads `GET /live/a.flv?token=b HTTP/1.1`; a later 1.x counts as 1.1 (RFC 9110, section 2.5). */
export function readRequestLine(line: string): RequestLine {
  const [, method, target, minor] = REQUEST_LINE_PATTERN.exec(line) ?? [];
  if (method === undefined || target === undefined) throw new AppError("peer", "http.bad-request-line");
  return { method, target, ...readTarget(target), version: minor === "0" ? "1.0" : "1.1" };
}

/** Reads `Name: value`; the name comes back in lower case. Folded lines (obs-fold) have no name and are refused. */
export function readHeaderLine(line: string): { readonly name: string; readonly value: string } {
  const [, name, value] = HEADER_LINE_PATTERN.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new AppError("peer", "http.bad-header");
  return { name: name.toLowerCase(), value: value.trimEnd() };
}

/** RFC 9112, section 3.2: origin-form, absolute-form, and `*`; authority-form is for proxies. */
function readTarget(target: string): { path: string; query: URLSearchParams } {
  const absolute = ABSOLUTE_FORM_PATTERN.exec(target)?.[1];
  const origin = absolute === undefined ? target : absolute.replace(/^(?!\/)/, "/");
  if (origin === "*") return { path: "*", query: new URLSearchParams() };
  if (!origin.startsWith("/") || origin.includes("#")) throw new AppError("peer", "http.bad-target");
  const queryAt = origin.indexOf("?");
  const path = decodePercent(queryAt === -1 ? origin : origin.slice(0, queryAt));
  const query = queryAt === -1 ? "" : origin.slice(queryAt + 1);
  decodePercent(query);
  return { path, query: new URLSearchParams(query) };
}

/** Throws for a broken escape, for what is not UTF-8, and for control characters hidden behind an escape. */
function decodePercent(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch (cause) {
    throw new AppError("peer", "http.bad-percent-encoding", {}, { cause });
  }
  if (/\p{Cc}/u.test(decoded)) throw new AppError("peer", "http.control-character");
  return decoded;
}
