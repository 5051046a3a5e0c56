import { describe, expect, test } from "bun:test";
import { bodyLength, type RequestHead, RequestHeadReader } from "../../../src/protocols/http/request-head.ts";
import { errorCodeOf } from "../error-code.ts";
import { readFixture } from "../fixtures.ts";

const captures = [
  { name: "http/curl-get", method: "GET", agent: "curl/7.88.1", body: 0, headerCount: 3 },
  { name: "http/curl-head", method: "HEAD", agent: "curl/7.88.1", body: 0, headerCount: 3 },
  { name: "http/curl-post-chunked", method: "POST", agent: "curl/7.88.1", body: "chunked", headerCount: 6 },
  { name: "http/ffmpeg-get", method: "GET", agent: "Lavf/59.27.100", body: 0, headerCount: 6 },
  { name: "http/ffmpeg-post", method: "POST", agent: "Lavf/59.27.100", body: "chunked", headerCount: 6 },
  {
    name: "http/gstreamer-get",
    method: "GET",
    agent: "GStreamer souphttpsrc 1.22.0 libsoup/3.2.3",
    body: 0,
    headerCount: 5,
  },
] as const;

describe.each(captures)("$name", ({ name, method, agent, body, headerCount }) => {
  const bytes = readFixture(`${name}.bin`);
  const headEnd = Buffer.from(bytes).indexOf("\r\n\r\n") + 4;

  test("is understood", () => {
    const { head } = readAll(bytes);
    expect(head).toMatchObject({
      method,
      path: "/live/k1.flv",
      version: "1.1",
      target: "/live/k1.flv?token=abc",
    });
    expect(head.query.get("token")).toBe("abc");
    expect(head.headers.get("user-agent")).toBe(agent);
    expect(head.headers.get("host")).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(head.headers.size).toBe(headerCount);
    expect(bodyLength(head)).toBe(body);
  });

  test("is complete at its empty line and not before, however it is split", () => {
    const whole = readAll(bytes).head;
    for (let at = 0; at < headEnd; at++) {
      const reader = new RequestHeadReader();
      expect(reader.push(bytes.subarray(0, at))).toBeUndefined();
      const result = reader.push(bytes.subarray(at));
      expect(result?.head).toEqual(whole);
      expect(result?.rest).toEqual(bytes.subarray(headEnd));
    }
  });
});

test("a browser's long head is understood", () => {
  const { head } = readAll(readFixture("http/chromium-get.bin"));
  expect(head.path).toBe("/");
  expect(head.headers.get("accept-encoding")).toBe("gzip, deflate, br, zstd");
  expect(head.headers.get("sec-ch-ua-mobile")).toBe("?0");
});

describe("accepts", () => {
  test.each([
    ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", { path: "/", version: "1.0" }],
    ["a later minor version", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", { version: "1.1" }],
    [
      "absolute-form",
      "GET http://x:80/a?b=c HTTP/1.1\r\nHost: x\r\n\r\n",
      { path: "/a", target: "http://x:80/a?b=c" },
    ],
    ["absolute-form without a path", "GET http://x?b HTTP/1.1\r\nHost: x\r\n\r\n", { path: "/" }],
    ["asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", { path: "*", method: "OPTIONS" }],
    ["escapes in the path", "GET /%e4%bd%a0%2Fb HTTP/1.1\r\nHost: x\r\n\r\n", { path: "/你/b" }],
    ["dot segments, unresolved", "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", { path: "/a/../b" }],
    ["an unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", { method: "BREW" }],
  ])("%s", (_, text, expected) => {
    expect(readText(text)).toMatchObject(expected);
  });

  test("any case and any blanks around a value, and several lines of one name", () => {
    const head = readText(
      "GET / HTTP/1.1\r\nhOsT:x\r\nA: \t b c \t\r\nEmpty:\r\na: d\r\nLatin: \xe9\r\n\r\n",
    );
    expect([...head.headers]).toEqual([
      ["host", "x"],
      ["a", "b c, d"],
      ["empty", ""],
      ["latin", "\xe9"],
    ]);
  });

  test("a query of one parameter and of several, with blanks as plus signs", () => {
    const { query } = readText("GET /?a=1&b=x+y%20z&a=2& HTTP/1.1\r\nHost: x\r\n\r\n");
    expect([...query]).toEqual([
      ["a", "1"],
      ["b", "x y z"],
      ["a", "2"],
    ]);
  });

  test("a body's length", () => {
    expect(bodyLength(readText("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0120\r\n\r\n"))).toBe(120);
  });
});

describe("refuses", () => {
  const host = "Host: x\r\n";
  test.each([
    ["no target", "GET HTTP/1.1\r\n\r\n", "http.bad-request-line"],
    ["two blanks", "GET  / HTTP/1.1\r\n\r\n", "http.bad-request-line"],
    ["a method that is no token", "G(T / HTTP/1.1\r\n\r\n", "http.bad-request-line"],
    ["HTTP/2", "GET / HTTP/2.0\r\n\r\n", "http.bad-request-line"],
    ["HTTP/0.9", "GET /\r\n\r\n", "http.bad-request-line"],
    ["an empty line first", "\r\nGET / HTTP/1.1\r\n\r\n", "http.bad-request-line"],
    ["bytes in the path that are not UTF-8", "GET /\xe9 HTTP/1.1\r\n\r\n", "http.bad-percent-encoding"],
    ["a TLS hello", "\x16\x03\x01\x02\r\n\r\n", "http.bad-request-line"],
    ["authority-form", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", "http.bad-target"],
    ["a fragment", `GET /a#b HTTP/1.1\r\n${host}\r\n`, "http.bad-target"],
    ["a broken escape", `GET /%zz HTTP/1.1\r\n${host}\r\n`, "http.bad-percent-encoding"],
    ["an escape cut short", `GET /a%2 HTTP/1.1\r\n${host}\r\n`, "http.bad-percent-encoding"],
    ["escapes that are not UTF-8", `GET /%ff HTTP/1.1\r\n${host}\r\n`, "http.bad-percent-encoding"],
    ["an escaped NUL", `GET /a%00b HTTP/1.1\r\n${host}\r\n`, "http.control-character"],
    ["an escaped line end", `GET /?a=%0d%0a HTTP/1.1\r\n${host}\r\n`, "http.control-character"],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", "http.no-host"],
    ["two Hosts", `GET / HTTP/1.1\r\n${host}${host}\r\n`, "http.duplicate-header"],
    ["a folded line", `GET / HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`, "http.bad-header"],
    ["no colon", `GET / HTTP/1.1\r\n${host}A\r\n\r\n`, "http.bad-header"],
    ["no name", `GET / HTTP/1.1\r\n${host}: b\r\n\r\n`, "http.bad-header"],
    ["a blank before the colon", `GET / HTTP/1.1\r\n${host}A : b\r\n\r\n`, "http.bad-header"],
    ["a NUL in a value", `GET / HTTP/1.1\r\n${host}A: b\0\r\n\r\n`, "http.bad-header"],
    ["a lone CR in a value", `GET / HTTP/1.1\r\n${host}A: b\rC: d\r\n\r\n`, "http.bad-header"],
    ["a lone LF", "GET / HTTP/1.1\nHost: x\n\n", "http.bare-line-feed"],
    ["an LF first", "\n", "http.bare-line-feed"],
    [
      "Content-Length twice",
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
      "http.duplicate-header",
    ],
    [
      "a list in Content-Length",
      `POST / HTTP/1.1\r\n${host}Content-Length: 1, 1\r\n\r\n`,
      "http.bad-content-length",
    ],
    [
      "a signed Content-Length",
      `POST / HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\n`,
      "http.bad-content-length",
    ],
    [
      "an endless Content-Length",
      `POST / HTTP/1.1\r\n${host}Content-Length: ${"9".repeat(16)}\r\n\r\n`,
      "http.bad-content-length",
    ],
    [
      "both ways to tell a length",
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      "http.two-body-lengths",
    ],
    [
      "another coding",
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      "http.bad-transfer-encoding",
    ],
    [
      "a coding in HTTP/1.0",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "http.bad-transfer-encoding",
    ],
  ])("%s", (_, text, code) => {
    expect(errorCodeOf(() => readText(text))).toBe(code);
  });

  test("more header lines than 64", () => {
    const lines = (count: number) => `GET / HTTP/1.1\r\n${host}${"A: b\r\n".repeat(count - 1)}\r\n`;
    expect(readText(lines(64)).headers.get("a")).toHaveLength(63 * 3 - 2);
    expect(errorCodeOf(() => readText(lines(65)))).toBe("http.too-many-headers");
  });

  test("a head over the limit, at once and drop by drop", () => {
    const text = (count: number) => Buffer.from(`GET / HTTP/1.0\r\nA: ${"x".repeat(count - 23)}\r\n\r\n`);
    expect(new RequestHeadReader(100).push(text(100))?.head.headers.size).toBe(1);
    expect(errorCodeOf(() => new RequestHeadReader(100).push(text(101)))).toBe("http.head-too-long");
    const reader = new RequestHeadReader();
    const pushDrops = () => {
      for (let i = 0; i < 8192; i++) reader.push(Buffer.from("x"));
    };
    expect(errorCodeOf(pushDrops)).toBe("http.head-too-long");
  });
});

function readText(text: string): RequestHead {
  return readAll(Buffer.from(text, "latin1")).head;
}

function readAll(bytes: Uint8Array): { head: RequestHead; rest: Uint8Array } {
  const result = new RequestHeadReader().push(bytes);
  if (result === undefined) throw new Error("the head is incomplete");
  return result;
}
