import { describe, expect, test } from "bun:test";
import { type RequestHead, RequestHeadReader } from "../../../src/protocols/http/request-head.ts";
import {
  ANY_ORIGIN,
  answer,
  corsFor,
  parseFlvRequest,
  playHead,
  preflightHead,
} from "../../../src/servers/flv/request.ts";

function read(text: string): RequestHead {
  const read = new RequestHeadReader().push(new TextEncoder().encode(text));
  if (read === undefined) throw new Error("the request did not end");
  return read.head;
}

function parse(requestLine: string) {
  return parseFlvRequest(read(`${requestLine} HTTP/1.1\r\nHost: a\r\n\r\n`));
}

function head(headers: string): RequestHead {
  return read(`OPTIONS /live/key.flv HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
}

test.each([
  { line: "GET /live/key.flv", key: "key", token: undefined, action: "play" },
  { line: "HEAD /live/key.flv?token=t", key: "key", token: "t", action: "play" },
  { line: "POST /live/key.flv?token=t", key: "key", token: "t", action: "publish" },
  { line: "GET /live/key.flv?action=publish&token=t%2B", key: "key", token: "t+", action: "publish" },
  { line: "GET /live/key.flv?action=other", key: "key", token: undefined, action: "play" },
  { line: "GET /key.flv", key: "key", token: undefined, action: "play" },
  { line: "GET //live/key.flv", key: "key", token: undefined, action: "play" },
  { line: "GET /live//key.flv", key: "key", token: undefined, action: "play" },
  { line: "GET /live/key.flv?name=%C4%E3%BA%C3&token=t", key: "key", token: "t", action: "play" },
  { line: "GET /live/key.flv?name=名&token=t", key: "key", token: "t", action: "play" },
  { line: "GET /a/b/c/key.flv", key: "key", token: undefined, action: "play" },
  { line: `GET /live/${"k".repeat(128)}.flv`, key: "k".repeat(128), token: undefined, action: "play" },
])("$line", ({ line, ...expected }) => {
  expect(parse(line)).toEqual(expected as ReturnType<typeof parse>);
});

test.each(["GET /", "GET /live/", "GET /live/key", "GET /live/key.flv/", "GET /live/key.mp4"])(
  "%s is no path of a stream",
  (line) => {
    expect(parse(line)).toBeUndefined();
  },
);

test.each([
  ...[
    "GET /live/.flv",
    "GET /live/a.b.flv",
    "GET /live/k%20y.flv",
    "GET /live/%E6%B5%81.flv",
    "GET /live/流.flv",
  ],
  ...[`GET /live/${"k".repeat(129)}.flv`],
])("%s has a name that no stream can have", (line) => {
  expect(parse(line)).toBe("bad-key");
});

describe("responses", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  test("a stream lasts as long as its connection, from any origin, kept by nobody", () => {
    const head = text(playHead(true, ANY_ORIGIN));
    expect(head).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(head).toContain("Content-Type: video/x-flv\r\n");
    expect(head).toContain("Access-Control-Allow-Origin: *\r\n");
    expect(head).toContain("Cache-Control: no-cache, no-store\r\n");
    expect(head).toContain("Transfer-Encoding: chunked\r\n");
    expect(head).not.toContain("Content-Length");
    expect(head).toEndWith("\r\n\r\n");
  });

  test("HTTP/1.0 knows no chunks", () => {
    expect(text(playHead(false, ANY_ORIGIN))).not.toContain("Transfer-Encoding");
  });

  test("a preflight has no body", () => {
    expect(text(preflightHead(head("")))).toMatch(
      /^HTTP\/1\.1 204 .*Allow-Methods: GET, HEAD, POST, OPTIONS\r\n/s,
    );
  });

  test("a page that sends credentials is named, and what it asks for", () => {
    const asked = head("Origin: https://a.example\r\nAccess-Control-Request-Headers: x-one, x-two\r\n");
    const preflight = text(preflightHead(asked));
    expect(preflight).toContain("Access-Control-Allow-Origin: https://a.example\r\n");
    expect(preflight).toContain("Access-Control-Allow-Credentials: true\r\n");
    expect(preflight).toContain("Access-Control-Allow-Headers: x-one, x-two\r\n");
    expect(text(playHead(true, corsFor(asked)))).toContain("Access-Control-Allow-Credentials: true\r\n");
    expect(corsFor(head("Origin: https://bücher.example\r\n"))).toEqual(ANY_ORIGIN);
  });

  test("an answer is one sentence with its length in bytes", () => {
    const refusal = text(answer(403, "Nein, dafür nicht.", ANY_ORIGIN));
    expect(refusal).toContain("Content-Length: 20\r\n");
    expect(refusal).toEndWith("\r\n\r\nNein, dafür nicht.\n");
    expect(refusal).not.toContain("Allow: ");
    expect(text(answer(200, "", ANY_ORIGIN))).toContain("Content-Length: 0\r\n");
    expect(text(answer(405, "No.", ANY_ORIGIN))).toContain("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
  });
});
