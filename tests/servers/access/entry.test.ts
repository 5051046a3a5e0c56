import { expect, test } from "bun:test";
import { createEntry, findClient } from "../../../src/servers/access/entry.ts";

test("those in allow are admitted, less those in deny; IPv4 over IPv6 too", () => {
  const { admits } = createEntry({
    allow: ["10.0.0.0/8", "2001:db8::/32"],
    deny: ["10.9.0.0/16"],
    trustedProxies: [],
  });
  expect(["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7"].map(admits)).toEqual([true, true, true]);
  expect(["10.9.2.3", "::ffff:10.9.2.3", "192.0.2.1", "2001:db9::1", ""].map(admits)).toEqual(
    Array(5).fill(false),
  );
});

test("without a list everybody is admitted", () => {
  const { admits } = createEntry({ allow: undefined, deny: [], trustedProxies: [] });
  expect(["10.1.2.3", "2001:db8::7"].map(admits)).toEqual([true, true]);
});

test.each([
  ["127.0.0.1", undefined, "127.0.0.1"],
  ["127.0.0.1", "192.0.2.7", "192.0.2.7"],
  ["::1", "192.0.2.7, 2001:db8::7", "2001:db8::7"],
  ["::ffff:127.0.0.1", "made up, 192.0.2.7", "192.0.2.7"],
  ["127.0.0.1", "192.0.2.7, made up", "127.0.0.1"],
  ["127.0.0.1", "", "127.0.0.1"],
  ["192.0.2.1", "127.0.0.1", "192.0.2.1"],
  ["unknown", "192.0.2.7", "unknown"],
  ["10.0.0.5", "192.0.2.7, 10.0.0.6", "192.0.2.7"],
  ["10.0.0.5", "1.1.1.1, 192.0.2.7, 10.0.0.6, 127.0.0.1", "192.0.2.7"],
  ["10.0.0.5", "10.0.0.6", "10.0.0.6"],
  ["10.0.0.5", "192.0.2.7:51422", "192.0.2.7"],
  ["10.0.0.5", "[2001:db8::7]:51422", "2001:db8::7"],
  ["10.0.0.5", "::ffff:c000:207", "192.0.2.7"],
  ["10.0.0.5", "2001:0DB8::0007", "2001:db8::7"],
  ["10.0.0.5", "192.0.2.7, ::FFFF:10.0.0.6", "192.0.2.7"],
  ["10.0.0.5", "fe80::1%eth0", "10.0.0.5"],
])("%s, forwarded for %p: the client is at %s", (peer, forwardedFor, address) => {
  const trustedProxies = ["127.0.0.0/8", "::1", "10.0.0.0/24"];
  const entry = createEntry({ allow: undefined, deny: [], trustedProxies });
  expect(findClient(peer, forwardedFor, entry)).toBe(address);
});
