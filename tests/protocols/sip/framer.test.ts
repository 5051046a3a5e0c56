import { describe, expect, test } from "bun:test";
import { SipFramer } from "../../../src/protocols/sip/framer.ts";
import { decodeMessage } from "../../../src/protocols/sip/message.ts";
import { toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { errorCodeOf } from "../error-code.ts";
import { readAllRecorded, readRecording } from "./recorded.ts";

const concat = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const CRLF = toWireBytes("\r\n");

test("a recorded call in one stream is cut into its messages wherever it is split", () => {
  const datagrams = readRecording("inbound_answer_video").map(({ bytes }) => bytes);
  const expected = datagrams.map((bytes) => ({ kind: "message" as const, message: decodeMessage(bytes) }));
  const stream = concat(datagrams.flatMap((bytes) => [CRLF, bytes]));
  for (let at = 0; at <= stream.length; at++) {
    const framer = new SipFramer();
    const framed = [...framer.push(stream.subarray(0, at)), ...framer.push(stream.subarray(at))];
    expect(framed).toEqual(expected);
  }
});

test("every recording, byte by byte and all at once", () => {
  const datagrams = readAllRecorded().map(({ bytes }) => bytes);
  const expected = datagrams.map((bytes) => ({ kind: "message" as const, message: decodeMessage(bytes) }));
  const stream = concat(datagrams);
  const framer = new SipFramer();
  expect([...stream].flatMap((byte) => framer.push(Uint8Array.of(byte)))).toEqual(expected);
  expect(new SipFramer().push(stream)).toEqual(expected);
});

test("keep-alives between messages are told of, single empty lines are not", () => {
  const message = toWireBytes("OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc");
  const stream = concat([CRLF, message, CRLF, CRLF, message, CRLF, CRLF, CRLF, CRLF]);
  const kinds: string[] = ["message", "ping", "message", "ping", "ping"];
  for (let at = 0; at <= stream.length; at++) {
    const framer = new SipFramer();
    const framed = [...framer.push(stream.subarray(0, at)), ...framer.push(stream.subarray(at))];
    expect(framed.map(({ kind }): string => kind)).toEqual(kinds);
  }
});

test("messages own their memory", () => {
  const bytes = toWireBytes("OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc");
  const [framed] = new SipFramer().push(bytes);
  bytes.fill(0);
  expect(framed).toMatchObject({ message: { body: toWireBytes("abc") } });
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
      const framer = new SipFramer();
      expect(
        errorCodeOf(() => {
          framer.push(stream.subarray(0, at));
          framer.push(stream.subarray(at));
        }),
      ).toBe(code);
    }
  });
});
