import { describe, expect, test } from "bun:test";
import { STATUS_CODES } from "node:http";
import { encodeResponseHead } from "../../../src/protocols/http/response-head.ts";
import { errorCodeOf } from "../error-code.ts";

test.each([
  [100, {}, "HTTP/1.1 100 Continue\r\n\r\n"],
  [204, { Connection: "close" }, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"],
  [
    101,
    { Upgrade: "websocket", Connection: "Upgrade" },
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  ],
  [299, {}, "HTTP/1.1 299 \r\n\r\n"],
])("%d %j", (status, headers: Record<string, string>, expected) => {
  expect(Buffer.from(encodeResponseHead(status, headers)).toString()).toBe(expected);
});

test.each([200, 400, 401, 403, 404, 405, 408, 409, 411, 415, 426, 431, 500, 501, 503])(
  "%d has the reason that Node gives it",
  (status) => {
    expect(Buffer.from(encodeResponseHead(status)).toString()).toBe(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n\r\n`,
    );
  },
);

test("413 has the reason of RFC 9110, which is newer than Node's", () => {
  expect(Buffer.from(encodeResponseHead(413)).toString()).toBe("HTTP/1.1 413 Content Too Large\r\n\r\n");
});

describe("refuses as a bug", () => {
  test.each([
    ["a line end in a value", { A: "b\r\nC: d" }],
    ["a lone LF in a value", { A: "b\nC: d" }],
    ["a NUL in a value", { A: "\0" }],
    ["text outside ASCII", { A: "é" }],
    ["a line end in a name", { "A\r\nB": "c" }],
    ["an empty name", { "": "c" }],
  ])("%s", (_, headers: Record<string, string>) => {
    expect(errorCodeOf(() => encodeResponseHead(200, headers))).toBe("http.bad-response-header");
  });
});
