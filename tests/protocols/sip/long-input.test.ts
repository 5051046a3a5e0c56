import { describe, expect, test } from "bun:test";
import { decodeSdp } from "../../../src/protocols/sdp/session-description.ts";
import { toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { errorCodeOf } from "../error-code.ts";
import { draft, OFFER, Rig } from "./rig.ts";

/** One datagram's worth. */
const LENGTH = 60_000;
const long = (text: string) => text.repeat(Math.floor(LENGTH / text.length));

/** A reader that goes back at each character needs this and more; one that does not, a hundredth. */
const TOO_LONG_MS = 500;

/** Whatever is repeated in a message, reading it takes time in proportion. */
describe("64 KiB", () => {
  test.each([
    ["blanks in a value", { headers: [`X: a${long(" ")}b`] }],
    ["blanks before a colon", { headers: [`X${long(" ")}b: c`] }],
    ["empty folded lines", { headers: [`X: a${long("\r\n ")}b`] }],
    ["blanks in Via", { via: `Via: SIP/2.0/UDP 192.0.2.9${long(" ")}x;branch=z9hG4bKa` }],
    ["blanks before Via's port", { via: `Via: SIP/2.0/UDP 192.0.2.9${long(" ")}:x` }],
    ["slashes in Via", { via: `Via: SIP/2.0/${long("/")} 192.0.2.9` }],
    ["commas in Via", { via: `Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa${long(",")}` }],
    ["open brackets in From", { fromTag: long("<") }],
    ["open brackets in To", { toTag: long("<") }],
    ["open quotes in To", { toTag: `${long('"')}"` }],
    ["escapes in To", { toTag: `"${long("\\")}` }],
    ["semicolons in To", { toTag: long(";") }],
    ["blanks in To", { toTag: `a;${long(" ")}` }],
    ["parameters in To", { toTag: long(";a") }],
    ["parts of the URI", { uri: `sip:a@b${long(";a=")}` }],
    ["signs in the URI", { uri: `sip:${long("@")}` }],
    ["escapes in the URI", { uri: `sip:${long("%41")}@b` }],
    ["dots in the URI", { uri: `sip:a@${long("1.")}` }],
    ["blanks in the Contact", { contact: `a${long(" ")}b` }],
    ["Routes", { headers: [`Record-Route: ${long("<sip:a@b;lr>,")}`] }],
    ["option tags", { headers: [`Require: ${long("a,")}`] }],
    ["blanks in Session-Expires", { headers: [`Session-Expires: 90;${long(" ")}`, "Supported: timer"] }],
    ["semicolons in Session-Expires", { headers: [`Session-Expires: 90${long(";refresher= ")}`] }],
    ["reasons", { headers: [`Reason: ${long("SIP;cause=1;text=,")}`] }],
    ["a body", { body: long("a=b\r\n"), type: "application/sdp" }],
  ])(
    "of %s",
    (_, request) => {
      const rig = new Rig();
      rig.receive(draft({ body: OFFER, ...request }));
      rig.receive(draft({ method: "CANCEL", ...request }));
      for (const { bytes } of rig.sent) expect(bytes.length).toBeLessThan(65_536);
    },
    TOO_LONG_MS,
  );

  test.each([
    ["line ends", `${long("\n")}x`],
    ["carriage returns", `${long("\r")}x`],
    ["blanks in o=", `o=a ${long(" ")}`],
    ["blanks in m=", `m=audio 1 RTP/AVP ${long(" ")}\n`],
    ["formats", `m=audio 1 RTP/AVP ${long("8 ")}\0`],
    ["blanks in c=", `c=IN IP4 a${long(" ")}x`],
    ["slashes in c=", `c=IN IP4 ${long("/")} x`],
    ["an attribute's name", `a=${long("a")} `],
  ])(
    "of %s in a session description",
    (_, text) => {
      errorCodeOf(() => decodeSdp(toWireBytes(`v=0\r\no=- 1 1 IN IP4 a\r\n${text}`)));
    },
    TOO_LONG_MS,
  );
});
