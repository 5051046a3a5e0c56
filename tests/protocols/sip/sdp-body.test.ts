import { expect, test } from "bun:test";
import { SipHeaders } from "../../../src/protocols/sip/headers.ts";
import { sdpOf } from "../../../src/protocols/sip/sdp-body.ts";
import { fromWireBytes, toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { draft, OFFER, Rig } from "./rig.ts";

function find(type: string | undefined, body: string): string | undefined {
  const headers = new SipHeaders(type === undefined ? [] : [{ name: "c", value: type }]);
  const found = sdpOf({ headers, body: toWireBytes(body) });
  return found && fromWireBytes(found);
}

const SDP_PART = `Content-Type: application/sdp\r\n\r\n${OFFER}`;
const ISUP_PART =
  "Content-Type: application/ISUP;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\x01\x00\xff\r\n";

test.each([
  ["alone", "application/sdp", OFFER],
  ["with a parameter, in capitals", "Application/SDP;charset=utf-8", OFFER],
  ["without a type", undefined, OFFER],
  [
    "in front of ISUP",
    "multipart/mixed;boundary=B",
    `--B\r\n${SDP_PART}\r\n--B\r\n${ISUP_PART}\r\n--B--\r\n`,
  ],
  [
    "behind ISUP",
    'multipart/mixed; boundary="a b"',
    `--a b\r\n${ISUP_PART}\r\n--a b\r\n${SDP_PART}\r\n--a b--`,
  ],
  ["behind a preamble", "Multipart/Mixed;Boundary=B", `read me\r\n--B\r\n${SDP_PART}\r\n--B--`],
  [
    "within an alternative",
    "multipart/mixed;boundary=B",
    `--B\r\nContent-Type: multipart/alternative;boundary=C\r\n\r\n--C\r\n${SDP_PART}\r\n--C--\r\n--B--`,
  ],
  [
    "with bare line ends",
    "multipart/mixed;boundary=B",
    `--B\nContent-Type: application/sdp\n\n${OFFER}\n--B--`,
  ],
])("a description is found %s", (_, type, body) => {
  expect(find(type, body)?.trimEnd()).toBe(OFFER.trimEnd());
});

test.each([
  ["an empty body", "application/sdp", ""],
  ["text", "text/plain", OFFER],
  ["no type, and no description", undefined, "hello"],
  ["no boundary", "multipart/mixed", `--B\r\n${SDP_PART}\r\n--B--`],
  ["another boundary", "multipart/mixed;boundary=X", `--B\r\n${SDP_PART}\r\n--B--`],
  ["ISUP only", "multipart/mixed;boundary=B", `--B\r\n${ISUP_PART}\r\n--B--`],
  ["a broken parameter", "multipart/mixed;boundary", "--B"],
  [
    "too deep",
    "multipart/mixed;boundary=B",
    `--B\r\nContent-Type: multipart/mixed;boundary=C\r\n\r\n--C\r\nContent-Type: multipart/mixed;boundary=D\r\n\r\n--D\r\n${SDP_PART}\r\n--D--\r\n--C--\r\n--B--`,
  ],
])("none is found in %s", (_, type, body) => {
  expect(find(type, body)).toBeUndefined();
});

test("an INVITE with SDP and ISUP is a call with that offer; with ISUP alone it is refused", () => {
  const rig = new Rig();
  const type = "multipart/mixed;boundary=B";
  rig.ring({ type, body: `--B\r\n${SDP_PART}\r\n--B\r\n${ISUP_PART}\r\n--B--\r\n` });
  expect(fromWireBytes(rig.invite.sdp ?? new Uint8Array(0)).trimEnd()).toBe(OFFER.trimEnd());
  expect(rig.exchange(draft({ callId: "c2", type, body: `--B\r\n${ISUP_PART}\r\n--B--\r\n` }))).toEqual([
    415,
  ]);
});
