import { AppError } from "../../errors.ts";

/** RFC 9110, section 5.6.2. */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE_PATTERN = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/1\\.([0-9])$`);
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

/** Reads `GET /live/a.flv?token=b HTTP/1.1`, bytes beyond ASCII as UTF-8 that nobody escaped; a later 1.x counts as 1.1 (RFC 9110, section 2.5). */
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
  return { path, query: readQuery(queryAt === -1 ? "" : origin.slice(queryAt + 1)) };
}

/** What is no UTF-8, such as another character set in a parameter that nobody here needs, does no harm. */
function readQuery(text: string): URLSearchParams {
  const query = new URLSearchParams(escapeBytes(text));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test([...query].flat().join("")))
    throw new AppError("peer", "http.control-character");
  return query;
}

function escapeBytes(text: string): string {
  return text.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

/** Throws for a broken escape, for what is not UTF-8, and for control characters hidden behind an escape. */
function decodePercent(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(escapeBytes(text));
  } catch (cause) {
    throw new AppError("peer", "http.bad-percent-encoding", {}, { cause });
  }
  if (/\p{Cc}/u.test(decoded)) throw new AppError("peer", "http.control-character");
  return decoded;
}
