import { expect, test } from "bun:test";
import { RequestHeadReader } from "../../../src/protocols/http/request-head.ts";
import { encodeFrame, Opcode } from "../../../src/protocols/websocket/frame.ts";
import { WebSocketChannel } from "../../../src/servers/flv/web-socket-channel.ts";

const UPGRADE =
  "GET /live/key.flv HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const MASK = Uint8Array.of(1, 2, 3, 4);

test("text from a player is passed over, and the connection goes on", () => {
  const request = new RequestHeadReader().push(new TextEncoder().encode(UPGRADE));
  if (request === undefined) throw new Error("the request did not end");
  const got: string[] = [];
  const channel = new WebSocketChannel(request.head, {
    write: () => undefined,
    onBinary: (payload) => got.push(`binary ${payload.length}`),
    onPong: () => got.push("pong"),
  });
  const text = new TextEncoder().encode('{"statistics":1}');
  expect(channel.receive(encodeFrame(Opcode.text, text, MASK))).toBe(true);
  expect(channel.receive(encodeFrame(Opcode.binary, Uint8Array.of(7), MASK))).toBe(true);
  expect(got).toEqual(["binary 1"]);
});
