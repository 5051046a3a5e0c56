import { isIP } from "node:net";
import { AppError } from "../../src/errors.ts";
import { createEntry, findClient } from "../../src/servers/access/entry.ts";
import { readHost } from "../../src/servers/signaling/host.ts";
import { networkOf } from "../../src/users/throttle.ts";
import type { FuzzTarget } from "./fuzz.ts";

const PROXY = "10.0.0.5";
/** IPv4 as no socket shows it to us. */
const MAPPED = /^::ffff:(?:[\d.]+\.|[\da-f]+:)[\da-f]+$/;
const DENIED = "192.0.2.7";
const entry = createEntry({ allow: undefined, deny: [DENIED], trustedProxies: ["10.0.0.0/24"] });
const decoder = new TextDecoder("latin1");

/** X-Forwarded-For of a trusted proxy, and a Host: the client is one address in one form, and who is denied stays out. */
export const target: FuzzTarget = {
  name: "forwarded-for",
  seeds: [
    "192.0.2.7",
    "made up, 2001:DB8::0007, 10.0.0.6",
    "::ffff:c000:207",
    "0:0:0:0:0:FFFF:192.0.2.7",
    "[2001:db8::7]:51422, 192.0.2.8:51422",
    "wx.example.com:18123",
    "[fe80::1%eth0]:1",
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    const text = decoder.decode(input);
    const client = findClient(PROXY, text, entry);
    if (isIP(client) === 0 || client !== client.toLowerCase() || MAPPED.test(client)) {
      throw new Error(`client ${client}`);
    }
    if (networkOf(client) === DENIED && entry.admits(client)) throw new Error(`admits ${client}`);
    const host = readHost(text);
    if (host !== undefined && !URL.canParse(`rtmp://${host}:1935/live/key`)) throw new Error(`host ${host}`);
    if (client === PROXY && host === undefined) throw new AppError("peer", "test.none");
  },
};
