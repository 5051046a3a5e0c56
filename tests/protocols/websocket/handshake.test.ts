import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { type RequestHead, RequestHeadReader } from "../../../src/protocols/http/request-head.ts";
import { acceptKey, isUpgrade, validateUpgrade } from "../../../src/protocols/websocket/handshake.ts";
import { errorCodeOf } from "../error-code.ts";
import { readFixture } from "../fixtures.ts";

const sha1 = (text: string) => createHash("sha1").update(text).digest();
const sampleKey = "dGhlIHNhbXBsZSBub25jZQ==";

test("the accept key of RFC 6455, section 1.3", () => {
  expect(acceptKey(sampleKey, sha1)).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("the accept key that Bun's server answers", () => {
  const response = Buffer.from(readFixture("websocket/bun-server.bin")).toString("latin1");
  expect(response).toContain(`Sec-WebSocket-Accept: ${acceptKey(sampleKey, sha1)}\r\n`);
});

test.each([
  ["bun-client", "av8YTXTJ0yOkvH3ZJHqMQA=="],
  ["chromium-client", "nZBa5DGi8i9Eu5orAPE+ig=="],
])("%s upgrades", (name, key) => {
  const result = new RequestHeadReader().push(readFixture(`websocket/${name}.bin`));
  if (result === undefined) throw new Error("the head is incomplete");
  expect(isUpgrade(result.head)).toBeTrue();
  expect(validateUpgrade(result.head)).toEqual({ key, protocol: undefined });
  expect(result.rest[0]).toBe(0x81);
});

test("lists, their case and what else they name do not matter; the first protocol offered is taken", () => {
  const head = headWith({
    upgrade: "h2c, WebSocket",
    connection: "keep-alive, UPGRADE",
    "sec-websocket-protocol": "flv, other",
  });
  expect(validateUpgrade(head)).toEqual({ key: sampleKey, protocol: "flv" });
});

test("a plain request asks for no upgrade", () => {
  expect(isUpgrade(headWith({ upgrade: "h2c" }))).toBeFalse();
  expect(isUpgrade({ ...headWith({}), headers: new Map() })).toBeFalse();
});

describe("refuses", () => {
  test.each([
    ["another method", { ...headWith({}), method: "POST" }],
    ["HTTP/1.0", { ...headWith({}), version: "1.0" as const }],
    ["another upgrade", headWith({ upgrade: "h2c" })],
    ["no connection token", headWith({ connection: "keep-alive" })],
    ["another version", headWith({ "sec-websocket-version": "8" })],
    ["no key", headWith({ "sec-websocket-key": "" })],
    ["a key of another length", headWith({ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZTE=" })],
    ["an empty protocol", headWith({ "sec-websocket-protocol": "" })],
    ["a protocol that could not be answered", headWith({ "sec-websocket-protocol": "fl\xe9" })],
    ["two keys", headWith({ "sec-websocket-key": `${sampleKey}, ${sampleKey}` })],
  ])("%s", (_, head) => {
    expect(errorCodeOf(() => validateUpgrade(head))).toBe("websocket.bad-upgrade");
  });
});

function headWith(changes: Record<string, string>): RequestHead {
  const headers = {
    host: "x",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": sampleKey,
    ...changes,
  };
  return {
    method: "GET",
    target: "/",
    path: "/",
    query: new URLSearchParams(),
    version: "1.1",
    headers: new Map(Object.entries(headers)),
  };
}
