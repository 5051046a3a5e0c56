import { STREAM_KEY, type StreamAction } from "../../media/gate.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { encodeResponseHead } from "../../protocols/http/response-head.ts";

export type FlvRequest = {
  readonly key: string;
  readonly token: string | undefined;
  readonly action: StreamAction;
};

const PATH = /^\/(?:[\w.-]+\/)*([^/]+)\.flv$/;

/**
 * Which stream a request is about: `/live/<key>.flv?token=<token>`. POST publishes; so does a WebSocket with
 * `action=publish`. Undefined if the path names no stream.
 */
export function parseFlvRequest(head: RequestHead): FlvRequest | undefined {
  const key = PATH.exec(head.path)?.[1];
  if (key === undefined || !STREAM_KEY.test(key)) return undefined;
  const isPublisher = head.method === "POST" || head.query.get("action") === "publish";
  return {
    key,
    token: head.query.get("token") ?? undefined,
    action: isPublisher ? "publish" : "play",
  };
}

const CORS = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*" };

/**
 * The body is the stream, as long as it lasts; proxies must not collect it. Chunked, so that a player can tell the end
 * of the stream from a broken connection, unless it speaks HTTP/1.0, which has no chunks.
 */
export function playHead(isChunked: boolean): Uint8Array {
  return encodeResponseHead(200, {
    ...CORS,
    ...(isChunked ? { "Transfer-Encoding": "chunked" } : {}),
    "Content-Type": "video/x-flv",
    "Cache-Control": "no-cache, no-store",
    "X-Accel-Buffering": "no",
    Connection: "close",
  });
}

export function preflightHead(): Uint8Array {
  return encodeResponseHead(204, {
    ...CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
    Connection: "close",
  });
}

export function continueHead(): Uint8Array {
  return encodeResponseHead(100);
}

/** A whole response: one sentence that says what to do. */
export function answer(status: number, sentence: string): Uint8Array {
  const body = new TextEncoder().encode(sentence === "" ? "" : `${sentence}\n`);
  const head = encodeResponseHead(status, {
    ...CORS,
    ...(status === 405 ? { Allow: "GET, HEAD, POST, OPTIONS" } : {}),
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(body.length),
    Connection: "close",
  });
  return Buffer.concat([head, body]);
}
