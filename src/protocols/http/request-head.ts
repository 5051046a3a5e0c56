import { ByteQueue } from "../../bytes/byte-queue.ts";
import { AppError } from "../../errors.ts";
import { readHeaderLine, readRequestLine } from "./request-lines.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const MAX_HEADER_COUNT = 64;
const FIRST_CAPACITY = 1024;
const ONCE_ONLY = new Set(["content-length", "host", "transfer-encoding"]);

export type RequestHead = {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  /** Percent-decoded, without the query; dot segments are left as they are. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly version: "1.0" | "1.1";
  /** Names in lower case; several lines of one name are joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
};

/** Reads one request head (RFC 9112) from any split of the stream. */
export class RequestHeadReader {
  readonly #held: ByteQueue;
  #lineStart = 0;
  readonly #lines: string[] = [];

  constructor(readonly limitBytes = 8192) {
    this.#held = new ByteQueue(Math.min(limitBytes, FIRST_CAPACITY));
  }

  /**
   * The head once it is complete, with what came after it (a view into `bytes`). Throws AppError `http.*` for
   * what RFC 9112 refuses, more than `limitBytes` or 64 header lines.
   */
  push(bytes: Uint8Array): { head: RequestHead; rest: Uint8Array } | undefined {
    const taken = Math.min(bytes.length, this.limitBytes - this.#held.length);
    const before = this.#held.length;
    this.#held.append(bytes.subarray(0, taken));
    const end = this.#splitLines(before);
    if (end !== undefined) return { head: readHead(this.#lines), rest: bytes.subarray(end - before) };
    if (this.#held.length < this.limitBytes) return undefined;
    throw new AppError("peer", "http.head-too-long", { limit: this.limitBytes });
  }

  /** Collects the lines that ended since `from`; returns where the head ends once the empty line is there. */
  #splitLines(from: number): number | undefined {
    const bytes = this.#held.view();
    let at = bytes.indexOf(LINE_FEED, from);
    while (at !== -1) {
      if (at === this.#lineStart || bytes[at - 1] !== CARRIAGE_RETURN) {
        throw new AppError("peer", "http.bare-line-feed", { offset: at });
      }
      const line = String.fromCharCode(...bytes.subarray(this.#lineStart, at - 1));
      this.#lineStart = at + 1;
      if (line === "") return this.#lineStart;
      if (this.#lines.push(line) > MAX_HEADER_COUNT + 1) {
        throw new AppError("peer", "http.too-many-headers", { limit: MAX_HEADER_COUNT });
      }
      at = bytes.indexOf(LINE_FEED, this.#lineStart);
    }
    return undefined;
  }
}

/** The body's length in bytes, or `chunked` (RFC 9112, section 6.3). */
export function bodyLength(head: RequestHead): number | "chunked" {
  return head.headers.has("transfer-encoding") ? "chunked" : Number(head.headers.get("content-length") ?? 0);
}

function readHead(lines: readonly string[]): RequestHead {
  const [requestLine = "", ...headerLines] = lines;
  const request = readRequestLine(requestLine);
  const headers = new Map<string, string>();
  for (const line of headerLines) {
    const { name, value } = readHeaderLine(line);
    const earlier = headers.get(name);
    if (earlier !== undefined && ONCE_ONLY.has(name)) {
      throw new AppError("peer", "http.duplicate-header", { name });
    }
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  checkFraming(headers, request.version);
  return { ...request, headers };
}

/** Whatever could make two readers disagree on where the body ends is refused (RFC 9112, sections 3.2 and 6). */
function checkFraming(headers: ReadonlyMap<string, string>, version: RequestHead["version"]): void {
  const length = headers.get("content-length");
  const encoding = headers.get("transfer-encoding");
  if (version === "1.1" && !headers.has("host")) throw new AppError("peer", "http.no-host");
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length))
    throw new AppError("peer", "http.bad-content-length");
  if (encoding === undefined) return;
  if (length !== undefined) throw new AppError("peer", "http.two-body-lengths");
  if (version === "1.0" || encoding.toLowerCase() !== "chunked") {
    throw new AppError("peer", "http.bad-transfer-encoding");
  }
}
