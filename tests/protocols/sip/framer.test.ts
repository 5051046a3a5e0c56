import { describe, expect, test } from "bun:test";
import { type Framed, SipFramer } from "../../../src/protocols/sip/framer.ts";
import { decodeMessage } from "../../../src/protocols/sip/message.ts";
import { toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { errorCodeOf } from "../error-code.ts";
import { readAllRecorded, readRecording } from "./recorded.ts";

const concat = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
/** All that a framer gives out for these pieces. */
function frame(...pieces: readonly Uint8Array[]): Framed[] {
  const framer = new SipFramer();
  const all: Framed[] = [];
  for (const piece of pieces) framer.push(piece, (framed) => all.push(framed));
  return all;
}

const CRLF = toWireBytes("\r\n");

test("a recorded call in one stream is cut into its messages wherever it is split", () => {
  const datagrams = readRecording("inbound_answer_video").map(({ bytes }) => bytes);
  const expected = datagrams.map((bytes) => ({ kind: "message" as const, message: decodeMessage(bytes) }));
  const stream = concat(datagrams.flatMap((bytes) => [CRLF, bytes]));
  for (let at = 0; at <= stream.length; at++) {
    const framed = frame(stream.subarray(0, at), stream.subarray(at));
    expect(framed).toEqual(expected);
  }
});

test("every recording, byte by byte and all at once", () => {
  const datagrams = readAllRecorded().map(({ bytes }) => bytes);
  const expected = datagrams.map((bytes) => ({ kind: "message" as const, message: decodeMessage(bytes) }));
  const stream = concat(datagrams);
  expect(frame(...[...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  expect(frame(stream)).toEqual(expected);
});

test("keep-alives between messages are told of, single empty lines are not", () => {
  const message = toWireBytes("OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc");
  const stream = concat([CRLF, message, CRLF, CRLF, message, CRLF, CRLF, CRLF, CRLF]);
  const kinds: string[] = ["message", "ping", "message", "ping", "ping"];
  for (let at = 0; at <= stream.length; at++) {
    const framed = frame(stream.subarray(0, at), stream.subarray(at));
    expect(framed.map(({ kind }): string => kind)).toEqual(kinds);
  }
});

test("messages own their memory", () => {
  const bytes = toWireBytes("OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc");
  const [framed] = frame(bytes);
  bytes.fill(0);
  expect(framed).toMatchObject({ message: { body: toWireBytes("abc") } });
});

test("what came before a broken message is given out", () => {
  const framer = new SipFramer();
  const all: Framed[] = [];
  const stream = toWireBytes("OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\n\r\nrubbish\r\n\r\n");
  expect(errorCodeOf(() => framer.push(stream, (framed) => all.push(framed)))).toBe("sip.bad-start-line");
  expect(all).toHaveLength(1);
});

describe("refuses", () => {
  const head = "OPTIONS sip:a@b SIP/2.0\r\n";
  test.each([
    ["no Content-Length", `${head}\r\n`, "sip.no-content-length"],
    ["two of them", `${head}l: 0\r\nl: 0\r\n\r\n`, "sip.no-content-length"],
    ["a body over the limit", `${head}l: 65536\r\n\r\n`, "sip.message-too-long"],
    ["a head over the limit", `${head}X: ${"y".repeat(65_536)}`, "sip.message-too-long"],
    ["what is no SIP", "GET / HTTP/1.1\r\n\r\n", "sip.bad-start-line"],
  ])("%s, however it is split", (_, text, code) => {
    const stream = toWireBytes(text);
    for (const at of [0, 1, 24, 26, stream.length - 1]) {
      expect(errorCodeOf(() => frame(stream.subarray(0, at), stream.subarray(at)))).toBe(code);
    }
  });
});
