import { encodeAmf0 } from "../../src/codecs/amf0/amf0.ts";
import { encodeChunks } from "../../src/protocols/rtmp/chunk-encoder.ts";
import {
  encodeSetChunkSize,
  encodeUserControl,
  MessageType,
  UserControlEvent,
} from "../../src/protocols/rtmp/message.ts";
import { encodeFrame, Opcode } from "../../src/protocols/websocket/frame.ts";

const MASK = Uint8Array.of(1, 2, 3, 4);
const text = new TextEncoder();

export function upgrade(path = "/ws"): Uint8Array {
  return text.encode(
    `GET ${path} HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
}

export function frame(content: string): Uint8Array {
  return encodeFrame(Opcode.text, text.encode(content), MASK);
}

/** Of a frame that promises so many bytes. */
export function frameHead(opcode: number, byteCount: bigint): Uint8Array {
  const head = new Uint8Array(14);
  head.set([0x80 | opcode, 0xff]);
  new DataView(head.buffer).setBigUint64(2, byteCount);
  head.set(MASK, 10);
  return head;
}

export function ping(): Uint8Array {
  return encodeFrame(Opcode.ping, new Uint8Array(0), MASK);
}

/** Empty pieces of a message that never ends. */
export function fragment(opcode: number): Uint8Array {
  const bytes = encodeFrame(opcode, new Uint8Array(0), MASK);
  bytes[0] = opcode;
  return bytes;
}

export function option(order: number): string {
  return JSON.stringify({
    type: "request",
    method: "option",
    version: "1.1",
    sessionid: "s",
    order,
    data: {},
  });
}

export function registration(user: string, password: string, order = 1): string {
  const data = { caller_number: user, password };
  return JSON.stringify({ type: "request", method: "register", version: "1.1", sessionid: "r", order, data });
}

export function times(bytes: Uint8Array, count: number): Uint8Array {
  return Buffer.concat(Array<Uint8Array>(count).fill(bytes));
}

/** C0, C1 and C2. */
export function rtmpHandshake(): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * 1536);
  bytes[0] = 3;
  return bytes;
}

export function rtmpMessage(
  typeId: number,
  payload: Uint8Array,
  chunkStreamId = 3,
  streamId = 0,
): Uint8Array {
  return encodeChunks({ chunkStreamId, typeId, streamId, timestampMs: 0, payload }, 128);
}

export function rtmpCommand(name: string, ...args: Parameters<typeof encodeAmf0>): Uint8Array {
  return rtmpMessage(
    MessageType.commandAmf0,
    encodeAmf0(name, 1, ...args),
    3,
    name === "play" || name === "publish" ? 1 : 0,
  );
}

export function rtmpPing(): Uint8Array {
  const { typeId, payload } = encodeUserControl({ event: UserControlEvent.pingRequest, value: 0 });
  return rtmpMessage(typeId, payload, 2);
}

export function rtmpChunkSize(byteCount: number): Uint8Array {
  const { typeId, payload } = encodeSetChunkSize(byteCount);
  return rtmpMessage(typeId, payload, 2);
}

/** `connect` with objects within objects, each the only member of the next, deeper than our own encoder makes them. */
export function rtmpDeepCommand(depth: number): Uint8Array {
  const begins = times(Uint8Array.of(3, 0, 1, 0x61), depth);
  const ends = times(Uint8Array.of(0, 0, 9), depth);
  const payload = Buffer.concat([encodeAmf0("connect", 1), begins, Uint8Array.of(5), ends]);
  return rtmpMessage(MessageType.commandAmf0, payload);
}

/** As far as `publish` or `play` of a stream. */
export function rtmpLogin(action: "publish" | "play", name: string): Uint8Array {
  return Buffer.concat([
    rtmpHandshake(),
    rtmpCommand("connect", { app: "live" }),
    rtmpCommand("createStream", null),
    rtmpCommand(action, null, name),
  ]);
}

export function http(request: string, ...headers: string[]): Uint8Array {
  return text.encode(`${[request, "Host: gateway", ...headers].join("\r\n")}\r\n\r\n`);
}

/** Of a peer that never acknowledges: each begins a transaction, and an INVITE a call. */
export function sipRequest(method: string, branch: string, port: number, bodyByteCount = 0): Uint8Array {
  return text.encode(
    [
      `${method} sip:9196@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bK${branch}`,
      "Max-Forwards: 70",
      `From: <sip:flood@127.0.0.1>;tag=${branch}`,
      "To: <sip:9196@127.0.0.1>",
      `Call-ID: ${branch}@127.0.0.1`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:flood@127.0.0.1:${port}>`,
      `Content-Length: ${bodyByteCount}`,
      "",
      "x".repeat(bodyByteCount),
    ].join("\r\n"),
  );
}
