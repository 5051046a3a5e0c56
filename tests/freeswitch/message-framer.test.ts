import { describe, expect, test } from "bun:test";
import { MessageFramer } from "../../src/freeswitch/message-framer.ts";
import { errorCodeOf } from "../protocols/error-code.ts";
import { RECORDINGS, readServerBytes } from "./recordings.ts";

function frame(pieces: Iterable<Uint8Array>): string[] {
  const framer = new MessageFramer();
  const messages: string[] = [];
  for (const piece of pieces)
    framer.push(piece, (message) => messages.push(Buffer.from(message).toString("latin1")));
  return messages;
}

function* cut(bytes: Uint8Array, pieceLength: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const NOTICE = "Content-Type: text/disconnect-notice\nContent-Length: 6\n\n再见";

describe("recorded connections", () => {
  test.each(RECORDINGS)("%s: every byte is in one message, however it is cut", (name) => {
    const bytes = readServerBytes(name);
    const messages = frame([bytes]);
    expect(messages.join("")).toBe(Buffer.from(bytes).toString("latin1"));
    expect(messages.every((message) => /^Content-/.test(message))).toBe(true);
    for (const pieceLength of [1, 7, 1000, 16_385]) expect(frame(cut(bytes, pieceLength))).toEqual(messages);
  });

  test("a message is whole at its last byte, at every split", () => {
    const bytes = bytesOf(`${NOTICE}Content-Type: auth/request\n\n`);
    for (let at = 0; at <= bytes.length; at++) {
      expect(frame([bytes.subarray(0, at), bytes.subarray(at)])).toHaveLength(2);
      const expected = at < bytesOf(NOTICE).length ? 0 : at < bytes.length ? 1 : 2;
      expect(frame([bytes.subarray(0, at)])).toHaveLength(expected);
    }
  });
});

describe("what FreeSWITCH would not send", () => {
  test("blank lines between messages are no messages", () => {
    expect(frame([bytesOf("\n".repeat(200_000)), bytesOf("A: 1\n\n\n\nB: 2\n\n")])).toEqual([
      "A: 1\n\n",
      "B: 2\n\n",
    ]);
  });

  test("a hundred thousand messages in one piece", () => {
    expect(frame([bytesOf("A: 1\n\n".repeat(100_000))])).toHaveLength(100_000);
  });

  test.each([
    ["a head without end", "x".repeat(65_537), "esl.head-too-long"],
    ["a head that ends too late", `${"x".repeat(65_536)}\n\n`, "esl.head-too-long"],
    ["an endless body", "Content-Length: 16777217\n\n", "esl.body-too-long"],
    ["a length that is none", "Content-Length: -1\n\n", "esl.bad-length"],
    ["a length without its blank", "Content-Length:5\n\n", "esl.bad-length"],
    ["a length of too many digits", `Content-Length: ${"9".repeat(11)}\n\n`, "esl.bad-length"],
    ["two lengths", "Content-Length: 1\nContent-Length: 2\n\n", "esl.bad-length"],
  ])("%s is refused", (_, text, code) => {
    expect(errorCodeOf(() => frame([bytesOf(text)]))).toBe(code);
    expect(errorCodeOf(() => frame(cut(bytesOf(text), 4096)))).toBe(code);
  });

  test("the largest body is taken, and the next message after it", () => {
    const body = 16 * 1024 * 1024;
    const framer = new MessageFramer();
    const lengths: number[] = [];
    const keep = (message: Uint8Array) => void lengths.push(message.length);
    framer.push(bytesOf(`Content-Length: ${body}\n\n`), keep);
    for (let sent = 0; sent < body; sent += 65_536) framer.push(new Uint8Array(65_536), keep);
    framer.push(bytesOf("A: 1\n\n"), keep);
    expect(lengths).toEqual([body + 26, 6]);
  });
});
