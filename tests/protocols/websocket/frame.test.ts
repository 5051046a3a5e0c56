import { describe, expect, test } from "bun:test";
import { decodeClose, encodeClose } from "../../../src/protocols/websocket/close.ts";
import { encodeFrame, Opcode, type WebSocketFrame } from "../../../src/protocols/websocket/frame.ts";
import { FrameDecoder } from "../../../src/protocols/websocket/frame-decoder.ts";
import { errorCodeOf } from "../error-code.ts";
import { fromHex, readFixture } from "../fixtures.ts";

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const text = (value: string) => new TextEncoder().encode(value);
const maxPayloadBytes = 4096;

/** What bun-client, chromium-client and bun-server start with. */
const commonFrames = [
  { opcode: Opcode.text, fin: true, payload: text("Hello") },
  { opcode: Opcode.binary, fin: true, payload: counting(200) },
  { opcode: Opcode.binary, fin: true, payload: counting(1000) },
];

const captures = [
  { name: "bun-client", masked: true, last: Opcode.pong },
  { name: "chromium-client", masked: true, last: Opcode.pong },
  { name: "bun-server", masked: false, last: Opcode.ping },
];

describe.each(captures)("$name", ({ name, masked, last }) => {
  const stream = afterHead(readFixture(`websocket/${name}.bin`));
  const frames = decode([stream], masked);

  test("is understood", () => {
    expect(frames.slice(0, 3)).toEqual(commonFrames);
    expect(frames[3]).toEqual({ opcode: last, fin: true, payload: text("hi") });
    expect(frames[4]?.opcode).toBe(Opcode.close);
    expect(decodeClose(frames[4]?.payload ?? counting(0))).toEqual({ code: 3001, reason: "bye" });
    expect(frames).toHaveLength(5);
  });

  test("is encoded to the very same bytes", () => {
    let at = 0;
    const encoded = frames.map(({ opcode, payload }) => {
      const mask = masked ? maskAt(stream, at) : undefined;
      const bytes = encodeFrame(opcode, payload, mask);
      at += bytes.length;
      return bytes;
    });
    expect(Buffer.concat(encoded)).toEqual(Buffer.from(stream));
  });

  test("gives the same frames however it is split, whole ones first", () => {
    for (let at = 0; at <= stream.length; at++) {
      const first = decode([stream.subarray(0, at)], masked);
      expect(first).toEqual(frames.slice(0, first.length));
      expect(decode([stream.subarray(0, at), stream.subarray(at)], masked)).toEqual(frames);
    }
    expect(
      decode(
        Array.from(stream, (byte) => Uint8Array.of(byte)),
        masked,
      ),
    ).toEqual(frames);
  });
});

describe("the examples of RFC 6455, section 5.7", () => {
  test.each([
    ["an unmasked text", "81 05 48656c6c6f", Opcode.text, text("Hello"), undefined],
    ["a masked text", "81 85 37fa213d 7f9f4d5158", Opcode.text, text("Hello"), "37fa213d"],
    ["an unmasked ping", "89 05 48656c6c6f", Opcode.ping, text("Hello"), undefined],
    ["a masked pong", "8a 85 37fa213d 7f9f4d5158", Opcode.pong, text("Hello"), "37fa213d"],
  ])("%s", (_, hex, opcode, payload, mask) => {
    expect(encodeFrame(opcode, payload, mask === undefined ? undefined : fromHex(mask))).toEqual(
      fromHex(hex),
    );
    expect(decode([fromHex(hex)], mask !== undefined)).toEqual([{ opcode, fin: true, payload }]);
  });

  test("a fragmented text", () => {
    expect(decode([fromHex("01 03 48656c 80 02 6c6f")], false)).toEqual([
      { opcode: Opcode.text, fin: false, payload: text("Hel") },
      { opcode: Opcode.continuation, fin: true, payload: text("lo") },
    ]);
  });

  test("256 bytes and 64 KiB", () => {
    expect(headerOf(256)).toEqual(fromHex("82 7e 0100"));
    expect(headerOf(65_536)).toEqual(fromHex("82 7f 0000000000010000"));
  });
});

test.each([
  [0, "82 00"],
  [125, "82 7d"],
  [126, "82 7e 007e"],
  [65_535, "82 7e ffff"],
  [16_909_060, "82 7f 0000000001020304"],
])("the header of %d bytes", (length, hex) => {
  expect(headerOf(length)).toEqual(fromHex(hex));
});

test("a long payload comes whole through any pieces, masked or not", () => {
  const payload = counting(150_003);
  for (const mask of [undefined, fromHex("00ff1081")]) {
    const bytes = encodeFrame(Opcode.binary, payload, mask);
    for (const size of [997, 65_536, bytes.length]) {
      const decoder = new FrameDecoder({ maxPayloadBytes: payload.length, masked: mask !== undefined });
      const found: WebSocketFrame[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        decoder.push(bytes.subarray(at, at + size), (frame) => found.push(frame));
      }
      expect(found).toEqual([{ opcode: Opcode.binary, fin: true, payload }]);
    }
  }
});

test("a payload is the receiver's own, and the sender's bytes stay as they were", () => {
  const bytes = Buffer.from(fromHex("81 85 37fa213d 7f9f4d5158"));
  const before = Buffer.from(bytes).toString("hex");
  const frames = decode([bytes], true);
  expect(bytes.toString("hex")).toBe(before);
  bytes.fill(0);
  expect(frames[0]?.payload).toEqual(text("Hello"));
});

test("a length in more bytes than needed is read", () => {
  expect(decode([fromHex("82 7e 0001 aa 82 7f 0000000000000001 bb")], false).map((f) => f.payload)).toEqual([
    fromHex("aa"),
    fromHex("bb"),
  ]);
});

describe("refuses", () => {
  test.each([
    ["a client's frame without mask", "websocket.unmasked-frame", "81 00", true],
    ["a server's frame with mask", "websocket.masked-frame", "81 80", false],
    ["RSV1, which is compression that nobody agreed on", "websocket.reserved-bits", "c1 80", true],
    ["RSV2", "websocket.reserved-bits", "a1 80", true],
    ["RSV3", "websocket.reserved-bits", "91 80", true],
    ["opcode 3", "websocket.reserved-opcode", "83 80", true],
    ["opcode 7", "websocket.reserved-opcode", "87 80", true],
    ["opcode 11", "websocket.reserved-opcode", "8b 80", true],
    ["opcode 15", "websocket.reserved-opcode", "8f 80", true],
    ["a ping of 126 bytes", "websocket.control-too-long", "89 fe", true],
    ["a close with a 64-bit length", "websocket.control-too-long", "88 ff", true],
    ["a fragmented ping", "websocket.fragmented-control", "09 80", true],
    ["a payload over the limit", "websocket.too-long", "82 fe 1001 00000000", true],
    ["the longest length", "websocket.too-long", "82 ff 7fffffffffffffff 00000000", true],
    ["a length with its highest bit set", "websocket.too-long", "82 ff ffffffffffffffff 00000000", true],
  ])("%s", (_, code, hex, masked) => {
    expect(errorCodeOf(() => decode([fromHex(hex)], masked))).toBe(code);
  });
});

describe("close", () => {
  test.each([
    [1000, "", "88 02 03e8"],
    [1009, "too long", "88 0a 03f1 746f6f206c6f6e67"],
    [4999, "再见", "88 08 1387 e5868d e8a781"],
  ])("%d %s", (code, reason, hex) => {
    expect(encodeClose(code, reason)).toEqual(fromHex(hex));
    expect(decodeClose(fromHex(hex).subarray(2))).toEqual({ code, reason });
  });

  test("a client's close is masked", () => {
    expect(encodeClose(1000, "", fromHex("01020304"))).toEqual(fromHex("88 82 01020304 02ea"));
  });

  test("without payload stands for 1005", () => {
    expect(decodeClose(new Uint8Array(0))).toEqual({ code: 1005, reason: "" });
  });

  test.each([
    ["half a code", "03", "websocket.bad-close"],
    ["a reason that is not UTF-8", "03e8 ff", "websocket.bad-close-reason"],
    ...[0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65_535].map((code): [string, string, string] => [
      `code ${code}`,
      code.toString(16).padStart(4, "0"),
      "websocket.bad-close-code",
    ]),
  ])("refuses %s", (_, hex, expected) => {
    expect(errorCodeOf(() => decodeClose(fromHex(hex)))).toBe(expected);
  });

  test("is not sent with a code that may not travel or a reason too long for a control frame", () => {
    expect(errorCodeOf(() => encodeClose(1005))).toBe("websocket.bad-close-code");
    expect(encodeClose(1000, "x".repeat(123))).toHaveLength(127);
    expect(errorCodeOf(() => encodeClose(1000, "x".repeat(124)))).toBe("websocket.close-reason-too-long");
  });
});

function decode(pieces: readonly Uint8Array[], masked: boolean): WebSocketFrame[] {
  const decoder = new FrameDecoder({ maxPayloadBytes, masked });
  const frames: WebSocketFrame[] = [];
  for (const piece of pieces) decoder.push(piece, (frame) => frames.push(frame));
  return frames;
}

function headerOf(length: number): Uint8Array {
  const bytes = encodeFrame(Opcode.binary, new Uint8Array(length));
  return bytes.subarray(0, bytes.length - length);
}

function afterHead(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(Buffer.from(bytes).indexOf("\r\n\r\n") + 4);
}

/** The mask of a captured frame that starts at `at` and has less than 64 KiB. */
function maskAt(stream: Uint8Array, at: number): Uint8Array {
  const maskOffset = ((stream[at + 1] ?? 0) & 0x7f) === 126 ? at + 4 : at + 2;
  return stream.subarray(maskOffset, maskOffset + 4);
}
