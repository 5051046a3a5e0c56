import { describe, expect, test } from "bun:test";
import { readProxyHeader } from "../../../src/protocols/proxy/header.ts";

/** As curl 7.88.1 --haproxy-protocol writes it. */
const OF_CURL = text("PROXY TCP4 127.0.0.1 127.0.0.1 51422 36267\r\n");
const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const IPV4 = [192, 0, 2, 7, 127, 0, 0, 1, 0xc8, 0xde, 0x07, 0x8f];
const IPV6 = [
  0x20,
  1,
  0x0d,
  0xb8,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  7,
  ...Array(16).fill(0),
  0xc8,
  0xde,
  0x07,
  0x8f,
];
const EXTRA = [0x03, 0, 4, 1, 2, 3, 4];

function text(line: string): Uint8Array {
  return new TextEncoder().encode(line);
}

function version2(command: number, family: number, body: readonly number[]): Uint8Array {
  return Uint8Array.of(...SIGNATURE, command, family, body.length >> 8, body.length & 255, ...body);
}

const WHOLE = [
  ["version 1 of curl", OF_CURL, { address: "127.0.0.1", port: 51_422 }],
  [
    "version 1, IPv6",
    text("PROXY TCP6 2001:db8::7 ::1 51422 1935\r\n"),
    { address: "2001:db8::7", port: 51_422 },
  ],
  ["version 1, unknown", text("PROXY UNKNOWN\r\n"), undefined],
  ["version 1, unknown with words", text("PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n"), undefined],
  ["version 2, IPv4", version2(0x21, 0x11, IPV4), { address: "192.0.2.7", port: 51_422 }],
  [
    "version 2, IPv4 and more",
    version2(0x21, 0x11, [...IPV4, ...EXTRA]),
    { address: "192.0.2.7", port: 51_422 },
  ],
  ["version 2, IPv6", version2(0x21, 0x21, IPV6), { address: "2001:db8:0:0:0:0:0:7", port: 51_422 }],
  ["version 2, a health check", version2(0x20, 0x00, []), undefined],
  ["version 2, a unix socket", version2(0x21, 0x31, Array(216).fill(0)), undefined],
] as const;

describe.each(WHOLE)("%s", (_, bytes, source) => {
  test("names the client, whatever follows", () => {
    for (const rest of [[], [3], [0x0d, 0x0a]]) {
      const all = Uint8Array.of(...bytes, ...rest);
      expect(readProxyHeader(all)).toEqual({ kind: "header", byteCount: bytes.length, source });
    }
  });

  test("waits for the rest at every truncation", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ kind: "incomplete" });
    }
  });
});

test.each([
  ["RTMP", Uint8Array.of(3, 0, 0)],
  ["a request", text("GET / HTTP/1.1\r\n")],
  ["a post", text("POST / HTTP/1.1\r\n")],
  ["PROPFIND", text("PROPFIND / HTTP/1.1\r\n")],
])("%s is no header", (_, bytes) => {
  expect(readProxyHeader(bytes)).toEqual({ kind: "none" });
});

test.each([
  ["a bad line", text("PROXY nonsense\r\n")],
  ["no carriage return", text("PROXY UNKNOWN\n")],
  ["an address that is none", text("PROXY TCP4 1.2.3.999 127.0.0.1 1 2\r\n")],
  ["an address of the other family", text("PROXY TCP4 2001:db8::7 ::1 1 2\r\n")],
  ["a name", text("PROXY TCP6 cafe ::1 1 2\r\n")],
  ["a port that is none", text("PROXY TCP4 1.2.3.4 127.0.0.1 65536 2\r\n")],
  ["a line that never ends", text(`PROXY UNKNOWN ${"x".repeat(200)}`)],
  ["version 3", version2(0x31, 0x11, IPV4)],
  ["another command", version2(0x22, 0x11, IPV4)],
  ["too short for its addresses", version2(0x21, 0x11, IPV4.slice(0, 11))],
  ["too long", Uint8Array.of(...SIGNATURE, 0x21, 0x11, 0xff, 0xff)],
])("%s is refused", (_, bytes) => {
  expect(() => readProxyHeader(bytes)).toThrow("proxy.bad-header");
});
