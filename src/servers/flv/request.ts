import { STREAM_KEY, type StreamAction } from "../../media/gate.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { encodeResponseHead } from "../../protocols/http/response-head.ts";

export type FlvRequest = {
  readonly key: string;
  readonly token: string | undefined;
  readonly action: StreamAction;
};

const PATH = /^\/(?:[^/]*\/)*([^/]*)\.flv$/;

/**
 * Which stream a request is about: `/live/<key>.flv?token=<token>`. POST publishes; so does a WebSocket with
 * `action=publish`. Undefined if the path is none of a stream, `bad-key` if no stream can have that name.
 */
export function parseFlvRequest(head: RequestHead): FlvRequest | "bad-key" | undefined {
  const key = PATH.exec(head.path)?.[1];
  if (key === undefined) return undefined;
  if (!STREAM_KEY.test(key)) return "bad-key";
  const isPublisher = head.method === "POST" || head.query.get("action") === "publish";
  return {
    key,
    token: head.query.get("token") ?? undefined,
    action: isPublisher ? "publish" : "play",
  };
}

/** Headers by which pages of any origin may read the response. */
export type Cors = Readonly<Record<string, string>>;

export const ANY_ORIGIN: Cors = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*" };
/** What may stand in our response, of what the peer sent. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]{0,510}[\x21-\x7e])?$/;

/**
 * Pages that send credentials must be named: browsers then take no `*`. None of ours are credentials: a stream's token
 * stands in its URL.
 */
export function corsFor(head: RequestHead): Cors {
  const origin = head.headers.get("origin");
  if (origin === undefined || !PLAIN.test(origin)) return ANY_ORIGIN;
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "*",
    Vary: "Origin",
  };
}

/**
 * The body is the stream, as long as it lasts; proxies must not collect it. Chunked, so that a player can tell the end
 * of the stream from a broken connection, unless it speaks HTTP/1.0, which has no chunks.
 */
export function playHead(isChunked: boolean, cors: Cors): Uint8Array {
  return encodeResponseHead(200, {
    ...cors,
    ...(isChunked ? { "Transfer-Encoding": "chunked" } : {}),
    "Content-Type": "video/x-flv",
    "Cache-Control": "no-cache, no-store",
    "X-Accel-Buffering": "no",
    Connection: "close",
  });
}

export function preflightHead(head: RequestHead): Uint8Array {
  const asked = head.headers.get("access-control-request-headers");
  return encodeResponseHead(204, {
    ...corsFor(head),
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": asked !== undefined && PLAIN.test(asked) ? asked : "*",
    "Access-Control-Max-Age": "86400",
    Connection: "close",
  });
}

export function continueHead(): Uint8Array {
  return encodeResponseHead(100);
}

/** A whole response: one sentence that says what to do. */
export function answer(status: number, sentence: string, cors: Cors): Uint8Array {
  const body = new TextEncoder().encode(sentence === "" ? "" : `${sentence}\n`);
  const head = encodeResponseHead(status, {
    ...cors,
    ...(status === 405 ? { Allow: "GET, HEAD, POST, OPTIONS" } : {}),
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(body.length),
    Connection: "close",
  });
  return Buffer.concat([head, body]);
}
