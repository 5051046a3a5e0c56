import { AppError } from "../errors.ts";

const LIMIT_BYTES = 8192;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |$)/;

export type ResponseHead = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
};

/** Reads one response head (RFC 9112) from any split of the stream. */
export class ResponseHeadReader {
  #bytes = new Uint8Array();

  /** The head once it is complete, with what came after it. Throws `http-client.bad-head`, `.head-too-long`. */
  push(bytes: Uint8Array): { head: ResponseHead; rest: Uint8Array } | undefined {
    this.#bytes = Uint8Array.from(Buffer.concat([this.#bytes, bytes]));
    const end = Buffer.from(this.#bytes.buffer).indexOf("\r\n\r\n");
    if (end !== -1)
      return { head: readHead(this.#bytes.subarray(0, end)), rest: this.#bytes.subarray(end + 4) };
    if (this.#bytes.length < LIMIT_BYTES) return undefined;
    throw new AppError("peer", "http-client.head-too-long", { limit: LIMIT_BYTES });
  }
}

function readHead(bytes: Uint8Array): ResponseHead {
  const [statusLine = "", ...lines] = String.fromCharCode(...bytes).split("\r\n");
  const status = STATUS_LINE.exec(statusLine)?.[1];
  if (status === undefined) throw new AppError("peer", "http-client.bad-head");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(status), headers };
}
