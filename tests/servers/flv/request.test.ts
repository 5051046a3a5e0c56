import { describe, expect, test } from "bun:test";
import { RequestHeadReader } from "../../../src/protocols/http/request-head.ts";
import { answer, parseFlvRequest, playHead, preflightHead } from "../../../src/servers/flv/request.ts";

function parse(requestLine: string) {
  const bytes = new TextEncoder().encode(`${requestLine} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const read = new RequestHeadReader().push(bytes);
  if (read === undefined) throw new Error("the request did not end");
  return parseFlvRequest(read.head);
}

test.each([
  { line: "GET /live/key.flv", key: "key", token: undefined, action: "play" },
  { line: "HEAD /live/key.flv?token=t", key: "key", token: "t", action: "play" },
  { line: "POST /live/key.flv?token=t", key: "key", token: "t", action: "publish" },
  { line: "GET /live/key.flv?action=publish&token=t%2B", key: "key", token: "t+", action: "publish" },
  { line: "GET /live/key.flv?action=other", key: "key", token: undefined, action: "play" },
  { line: "GET /key.flv", key: "key", token: undefined, action: "play" },
  { line: "GET /a/b/c/key.flv", key: "key", token: undefined, action: "play" },
  { line: `GET /live/${"k".repeat(128)}.flv`, key: "k".repeat(128), token: undefined, action: "play" },
])("$line", ({ line, ...expected }) => {
  expect(parse(line)).toEqual(expected as ReturnType<typeof parse>);
});

test.each([
  ...["GET /", "GET /live/", "GET /live/key", "GET /live/key.flv/", "GET /live/.flv", "GET /live/key.mp4"],
  ...["GET /live/a.b.flv", "GET /live/k%20y.flv", "GET /live//key.flv"],
  ...[`GET /live/${"k".repeat(129)}.flv`],
])("%s names no stream", (line) => {
  expect(parse(line)).toBeUndefined();
});

describe("responses", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  test("a stream lasts as long as its connection, from any origin, kept by nobody", () => {
    const head = text(playHead(true));
    expect(head).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(head).toContain("Content-Type: video/x-flv\r\n");
    expect(head).toContain("Access-Control-Allow-Origin: *\r\n");
    expect(head).toContain("Cache-Control: no-cache, no-store\r\n");
    expect(head).toContain("Transfer-Encoding: chunked\r\n");
    expect(head).not.toContain("Content-Length");
    expect(head).toEndWith("\r\n\r\n");
  });

  test("HTTP/1.0 knows no chunks", () => {
    expect(text(playHead(false))).not.toContain("Transfer-Encoding");
  });

  test("a preflight has no body", () => {
    expect(text(preflightHead())).toMatch(/^HTTP\/1\.1 204 .*Allow-Methods: GET, HEAD, POST, OPTIONS\r\n/s);
  });

  test("an answer is one sentence with its length in bytes", () => {
    const refusal = text(answer(403, "Nein, dafür nicht."));
    expect(refusal).toContain("Content-Length: 20\r\n");
    expect(refusal).toEndWith("\r\n\r\nNein, dafür nicht.\n");
    expect(refusal).not.toContain("Allow: ");
    expect(text(answer(200, ""))).toContain("Content-Length: 0\r\n");
    expect(text(answer(405, "No."))).toContain("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
  });
});
