import { isIP } from "node:net";
import { readAddress } from "../../src/addresses.ts";
import { ProxyIntake } from "../../src/servers/access/proxy-intake.ts";
import { fromHex } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const encoder = new TextEncoder();

/** Either version before RTMP's first byte: the source is an address, IPv4 as such, and nothing of the rest is lost. */
export const target: FuzzTarget = {
  name: "proxy-header",
  seeds: [
    encoder.encode("PROXY TCP4 192.0.2.7 127.0.0.1 51422 1935\r\n\x03"),
    encoder.encode("PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 51422 1935\r\n\x03"),
    encoder.encode("PROXY UNKNOWN\r\n\x03"),
    fromHex(`${SIGNATURE} 21 11 000c c0000207 7f000001 c8de 078f 03`),
    fromHex(
      `${SIGNATURE} 21 21 002b ${"00".repeat(10)}ffffc0000207 ${"00".repeat(16)} c8de 078f 03000401020304 03`,
    ),
    fromHex(`${SIGNATURE} 20 00 0000 03`),
    Uint8Array.of(3, 0, 0),
  ],
  run(input) {
    compareSplit(input, (note) => {
      const intake = new ProxyIntake();
      let hasBegun = false;
      return (bytes) => {
        const begun = hasBegun ? { rest: bytes } : intake.push(bytes);
        if (begun === undefined) return;
        hasBegun = true;
        const { source, rest } = begun;
        if (source !== undefined) note(checkAddress(source.address), checkPort(source.port));
        for (const byte of rest) note(byte);
      };
    });
  },
};

function checkAddress(address: string): string {
  if (isIP(address) === 0 || readAddress(address) !== address) throw new Error(`address ${address}`);
  return address;
}

function checkPort(port: number): number {
  if (!(port >= 0 && port <= 65_535)) throw new Error(`port ${port}`);
  return port;
}
