import { expect, test } from "bun:test";
import { ProxyIntake } from "../../../src/servers/access/proxy-intake.ts";
import { fromHex } from "../../protocols/fixtures.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const OF_IPV4 = `${"00".repeat(10)}ffffc0000207`;
const text = new TextEncoder();

test.each([
  ["IPv4", text.encode("PROXY TCP4 192.0.2.7 127.0.0.1 51422 1935\r\n\x03"), "192.0.2.7"],
  ["IPv6", text.encode("PROXY TCP6 2001:0DB8::0007 ::1 51422 1935\r\n\x03"), "2001:db8::7"],
  ["IPv4 within IPv6", text.encode("PROXY TCP6 ::FFFF:C000:0207 ::1 51422 1935\r\n\x03"), "192.0.2.7"],
  [
    "IPv4 within IPv6, in version 2",
    fromHex(`${SIGNATURE} 21 21 0024 ${OF_IPV4} ${"00".repeat(16)} c8de 078f 03`),
    "192.0.2.7",
  ],
])(
  "%s is named as the system names it, and what follows is handed on, at every split",
  (_, bytes, address) => {
    for (let at = 0; at < bytes.length - 1; at++) {
      const intake = new ProxyIntake();
      expect([at, intake.push(bytes.subarray(0, at))]).toEqual([at, undefined]);
      const begun = intake.push(bytes.subarray(at));
      expect([at, begun?.source]).toEqual([at, { address, port: 51_422 }]);
      expect([...(begun?.rest ?? [])]).toEqual([3]);
    }
  },
);

test("what the system would not take for an address is refused", () => {
  const line = text.encode("PROXY TCP4 192.0.2.07 127.0.0.1 51422 1935\r\n");
  expect(() => new ProxyIntake().push(line)).toThrow("proxy.bad-header");
});
