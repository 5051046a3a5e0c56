import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { closeCodeFor } from "../../../src/protocols/websocket/close.ts";
import { Opcode } from "../../../src/protocols/websocket/frame.ts";
import { MessageAssembler } from "../../../src/protocols/websocket/message-assembler.ts";
import { errorCodeOf } from "../error-code.ts";

const { text, binary, continuation, ping } = Opcode;

test("a message of one frame passes as it is", () => {
  const payload = Uint8Array.of(1, 2);
  const message = new MessageAssembler({ maxMessageBytes: 2 }).push({ opcode: binary, fin: true, payload });
  expect(message).toEqual({ opcode: binary, payload });
  expect(message?.payload).toBe(payload);
});

test("fragments are joined, a ping between them passes, and the next message starts afresh", () => {
  const assembler = new MessageAssembler({ maxMessageBytes: 100 });
  const push = (opcode: number, fin: boolean, ...bytes: number[]) =>
    assembler.push({ opcode, fin, payload: Uint8Array.from(bytes) });
  expect(push(text, false, 1, 2)).toBeUndefined();
  expect(push(continuation, false)).toBeUndefined();
  expect(push(ping, true, 9)).toEqual({ opcode: ping, payload: Uint8Array.of(9) });
  expect(push(continuation, true, 3)).toEqual({ opcode: text, payload: Uint8Array.of(1, 2, 3) });
  expect(push(binary, false)).toBeUndefined();
  expect(push(continuation, true, 4)).toEqual({ opcode: binary, payload: Uint8Array.of(4) });
});

describe("refuses", () => {
  const payload = new Uint8Array(60);
  test.each([
    ["a continuation of nothing", "websocket.unexpected-continuation", [{ opcode: continuation, fin: true }]],
    [
      "a new message inside another",
      "websocket.unfinished-message",
      [
        { opcode: text, fin: false },
        { opcode: text, fin: true },
      ],
    ],
    [
      "a continuation after the end",
      "websocket.unexpected-continuation",
      [
        { opcode: text, fin: true },
        { opcode: continuation, fin: true },
      ],
    ],
    [
      "fragments over the limit together",
      "websocket.too-long",
      [
        { opcode: binary, fin: false },
        { opcode: continuation, fin: false },
      ],
    ],
  ])("%s", (_, code, frames) => {
    const assembler = new MessageAssembler({ maxMessageBytes: 100 });
    const pushAll = () => frames.map((frame) => assembler.push({ ...frame, payload }));
    expect(errorCodeOf(pushAll)).toBe(code);
  });

  test("a single frame over the limit", () => {
    const assembler = new MessageAssembler({ maxMessageBytes: 59 });
    expect(errorCodeOf(() => assembler.push({ opcode: binary, fin: true, payload }))).toBe(
      "websocket.too-long",
    );
  });
});

test.each([
  ["peer", "websocket.reserved-bits", 1002],
  ["peer", "websocket.too-long", 1009],
  ["peer", "websocket.bad-close-reason", 1007],
  ["peer", "flv.not-flv", 1008],
  ["bug", "websocket.bad-close-code", 1011],
] as const)("a %s's %s closes with %d", (fault, code, expected) => {
  expect(closeCodeFor(new AppError(fault, code))).toBe(expected);
});
