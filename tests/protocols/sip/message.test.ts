import { describe, expect, test } from "bun:test";
import { readIdentity } from "../../../src/protocols/sip/identity.ts";
import {
  decodeMessage,
  encodeRequest,
  encodeResponse,
  isRequest,
} from "../../../src/protocols/sip/message.ts";
import { fromWireBytes, toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { errorCodeOf } from "../error-code.ts";
import { RECORDINGS, readAllRecorded, readRecording } from "./recorded.ts";

const read = (text: string) => decodeMessage(toWireBytes(text));
const HEAD = "OPTIONS sip:a@b SIP/2.0\r\n";

describe("FreeSWITCH's messages", () => {
  test("are read", () => {
    const [invite, trying] = readRecording("inbound_answer").map(({ bytes }) => decodeMessage(bytes));
    if (invite === undefined || !isRequest(invite)) throw new Error("no INVITE");
    expect(invite).toMatchObject({ method: "INVITE", uri: "sip:wx-sess@127.0.0.1:25560", isBroken: false });
    expect(invite.body).toHaveLength(393);
    expect(invite.headers.tokens("supported")).toEqual(["timer", "path", "replaces"]);
    expect(readIdentity(invite.headers)).toMatchObject({
      via: { transport: "UDP", host: "127.0.0.1", port: 5080 },
      from: { displayName: "13900000001", uri: "sip:13900000001@127.0.0.1" },
      fromTag: "ctND1tFgmN28N",
      toTag: undefined,
      callId: "dec68fab-616f-1240-b6a4-a216d5808292",
      cseq: { number: 123_141_392, method: "INVITE" },
    });
    expect(trying).toMatchObject({ status: 100, reason: "Trying" });
  });

  test("are written as they were read, Content-Length last", () => {
    const recorded = readAllRecorded();
    expect(recorded.length).toBeGreaterThan(60);
    for (const { bytes } of recorded) {
      const message = decodeMessage(bytes);
      const { body } = message;
      const headers = message.headers.fields.filter(({ name }) => name !== "Content-Length");
      const written = isRequest(message)
        ? encodeRequest(message.method, message.uri, { headers, body })
        : encodeResponse(message.status, message.reason, { headers, body });
      expect(linesOf(written)).toEqual(linesOf(bytes));
    }
  });

  test.each(RECORDINGS)("cut anywhere are refused or known to be broken: %s", (name) => {
    for (const { bytes } of readRecording(name)) {
      const bodyAt = fromWireBytes(bytes).indexOf("\r\n\r\n") + 4;
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        if (length < bodyAt) expect(errorCodeOf(() => decodeMessage(cut))).toBe("sip.unfinished-head");
        else if (isRequest(decodeMessage(bytes)))
          expect(decodeMessage(cut)).toMatchObject({ isBroken: true });
        else expect(errorCodeOf(() => decodeMessage(cut))).toBe("sip.short-body");
      }
    }
  });
});

function linesOf(bytes: Uint8Array): string[] {
  const [head = "", body = ""] = fromWireBytes(bytes).split("\r\n\r\n");
  return [...head.split("\r\n").sort(), body];
}

describe("accepts", () => {
  test("compact names, any case, blanks and folded lines", () => {
    const { headers } = read(
      `${HEAD}vIa : SIP/2.0/UDP a\r\nV:\r\n SIP/2.0/UDP\t\r\n\tb\r\nsubject:\r\nl: 0\r\n\r\n`,
    );
    expect(headers.list("Via")).toEqual(["SIP/2.0/UDP a", "SIP/2.0/UDP b"]);
    expect(headers.first("s")).toBe("");
    expect(headers.first("Content-Length")).toBe("0");
  });

  test("empty lines first, bytes after the body, and a body without Content-Length", () => {
    expect(read(`\r\n\r\n${HEAD}l: 2\r\n\r\nabcd`).body).toEqual(toWireBytes("ab"));
    expect(read(`${HEAD}\r\nabcd`).body).toEqual(toWireBytes("abcd"));
  });

  test("a status line without a phrase, and a phrase of any bytes", () => {
    expect(read("SIP/2.0 200\r\n\r\n")).toMatchObject({ status: 200, reason: "" });
    expect(read("SIP/2.0 486 \xd0\xa7\r\n\r\n")).toMatchObject({ status: 486, reason: "\xd0\xa7" });
  });

  test("names in GBK, which go back byte for byte", () => {
    const from = '"\xc0\xee\xba\xc6" <sip:a@b>;tag=x';
    expect(read(`${HEAD}From: ${from}\r\n\r\n`).headers.first("from")).toBe(from);
  });
});

describe("marks as broken", () => {
  test.each([
    ["a line without a colon", `${HEAD}Via\r\n\r\n`],
    ["a line without a name", `${HEAD}: x\r\n\r\n`],
    ["a name with a blank in it", `${HEAD}X Y: z\r\n\r\n`],
    ["a negative length", `${HEAD}Content-Length: -1\r\n\r\n`],
    ["a length that is no number", `${HEAD}Content-Length: 1e1\r\n\r\n`],
    ["two lengths", `${HEAD}Content-Length: 0\r\nl: 0\r\n\r\n`],
    ["a body that is too short", `${HEAD}l: 5\r\n\r\nabcd`],
  ])("%s", (_, text) => {
    expect(read(text)).toMatchObject({ isBroken: true });
  });
});

describe("refuses", () => {
  test.each([
    ["no empty line", HEAD, "sip.unfinished-head"],
    ["a bare line feed", `${HEAD}Via: a\nX: y\r\n\r\n`, "sip.bare-line-end"],
    ["a bare carriage return", `${HEAD}Via: a\rX: y\r\n\r\n`, "sip.bare-line-end"],
    ["no version", "OPTIONS sip:a@b\r\n\r\n", "sip.bad-start-line"],
    ["HTTP", "GET / HTTP/1.1\r\n\r\n", "sip.bad-start-line"],
    ["a method that is no token", "OPT(ONS sip:a@b SIP/2.0\r\n\r\n", "sip.bad-start-line"],
    ["a status out of range", "SIP/2.0 700 X\r\n\r\n", "sip.bad-start-line"],
    ["a status of many digits", "SIP/2.0 4294967301 X\r\n\r\n", "sip.bad-start-line"],
    ["a response that is too short", "SIP/2.0 200 OK\r\nl: 1\r\n\r\n", "sip.short-body"],
    ["257 header lines", `${HEAD}${"X: y\r\n".repeat(257)}\r\n`, "sip.too-many-headers"],
    ["more than 64 KiB", `${HEAD}\r\n${"x".repeat(65_536)}`, "sip.message-too-long"],
  ])("%s", (_, text, code) => {
    expect(errorCodeOf(() => read(text))).toBe(code);
  });
});

test("no value can bring a line of its own into what is sent", () => {
  for (const value of ["a\r\nX: y", "a\nb", "a\rb", "a\u0100"]) {
    const headers = [{ name: "Subject", value }];
    expect(errorCodeOf(() => encodeRequest("OPTIONS", "sip:a@b", { headers }))).toBe("sip.bad-line");
    expect(errorCodeOf(() => encodeRequest("OPTIONS", value, { headers: [] }))).toBe("sip.bad-line");
    expect(errorCodeOf(() => encodeResponse(200, value, { headers: [] }))).toBe("sip.bad-line");
  }
});
