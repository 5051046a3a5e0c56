import { describe, expect, test } from "bun:test";
import {
  bearerToken,
  extensionNumber,
  flag,
  gatewayName,
  type Kind,
  listenAddress,
  networkList,
  oneNumberOf,
  oneOf,
  peerAddress,
  streamUrl,
  wholeNumber,
} from "../../src/config/kinds.ts";

type Row = { kind: Kind<unknown>; takes: [text: string, value: unknown][]; refuses: string[] };

const ROWS: Record<string, Row> = {
  flag: {
    kind: flag,
    takes: [
      ["yes", true],
      ["TRUE", true],
      ["on", true],
      ["1", true],
      ["No", false],
      ["false", false],
      ["OFF", false],
      ["0", false],
    ],
    refuses: ["maybe", "2", "y", "tru", "", " true"],
  },
  wholeNumber: {
    kind: wholeNumber(5, 60),
    takes: [
      ["5", 5],
      ["60", 60],
      ["007", 7],
    ],
    refuses: ["4", "61", "5.5", "-6", "1e1", "0x10", "6 s", "", "99999999999999999999"],
  },
  oneOf: {
    kind: oneOf(["AAC", "G711A"]),
    takes: [
      ["aac", "AAC"],
      ["G711a", "G711A"],
    ],
    refuses: ["opus", "aac,g711a", "__proto__", "constructor", ""],
  },
  oneNumberOf: {
    kind: oneNumberOf([10, 20]),
    takes: [
      ["10", 10],
      ["20", 20],
    ],
    refuses: ["15", "020", "20ms", ""],
  },
  listenAddress: {
    kind: listenAddress,
    takes: [
      ["0.0.0.0:18123", { host: "0.0.0.0", port: 18123 }],
      ["[::1]:1935", { host: "::1", port: 1935 }],
      ["[::]:0", { host: "::", port: 0 }],
      ["localhost:65535", { host: "localhost", port: 65535 }],
      ["media-1.example:80", { host: "media-1.example", port: 80 }],
    ],
    refuses: [
      "0.0.0.0",
      ":1935",
      "1935",
      "::1:1935",
      "[127.0.0.1]:1935",
      "[::1]",
      "256.0.0.1:80",
      "1.2.3:80",
      "host:65536",
      "host:-1",
      "host:",
      "a b:80",
      "-a:80",
      "a..b:80",
      "http://host:80",
      "host:80/",
    ],
  },
  bearerToken: {
    kind: bearerToken,
    takes: ["0123456789abcdef", "A-z_.~+/0123456789==", "x".repeat(200)].map((word) => [word, word]),
    refuses: [
      "0123456789abcde",
      "x".repeat(201),
      "0123456789abc def",
      "0123456789abcdef=x",
      "0123456789abcdé",
    ],
  },
  peerAddress: {
    kind: peerAddress,
    takes: [["127.0.0.1:8021", { host: "127.0.0.1", port: 8021 }]],
    refuses: ["127.0.0.1:0", "127.0.0.1"],
  },
  streamUrl: {
    kind: streamUrl,
    takes: [
      "rtmp://182.61.34.55/live/",
      "RTMPS://a.example:443/live",
      "http://[::1]:8080/x",
      "https://a",
    ].map((url) => [url, url]),
    refuses: [
      "ftp://a/",
      "rtmp:/a",
      "rtmp://",
      "rtmp:///live",
      "rtmp://user:word@a/",
      "rtmp://user@a/",
      "rtmp://a/?x=1",
      "rtmp://a/#x",
      "rtmp://a b/",
      "rtmp://a:99999/",
      "182.61.34.55/live",
    ],
  },
  gatewayName: {
    kind: gatewayName,
    takes: [["gw-1.example", "gw-1.example"]],
    refuses: ["a b", "a/b", "a'b", ""],
  },
  extensionNumber: {
    kind: extensionNumber,
    takes: [["*96#", "*96#"]],
    refuses: ["echo", "", "1".repeat(33)],
  },
  networkList: {
    kind: networkList,
    takes: [
      ["0.0.0.0", ["0.0.0.0"]],
      ["10.0.0.0/8, ::1 fe80::/10", ["10.0.0.0/8", "::1", "fe80::/10"]],
    ],
    refuses: ["10.0.0.0/33", "10.0.0", "all", "10.0.0.0/8/8", "::/129"],
  },
};

describe.each(Object.entries(ROWS))("%s", (_, { kind, takes, refuses }) => {
  test.each(takes)("takes %p", (text, value) => {
    expect(kind.schema.parse(text)).toEqual(value);
  });

  test.each([...refuses, "a\nb", "a\0", "x".repeat(2000)])("refuses %p", (text) => {
    expect(kind.schema.safeParse(text).success).toBe(false);
  });

  test("says in both languages what is allowed", () => {
    expect(kind.allowed.en).not.toBe("");
    expect(kind.allowed.zh).not.toBe("");
  });
});
