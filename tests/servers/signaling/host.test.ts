import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { isOwnAddress, readClientAddress, readHost, toUrlHost } from "../../../src/servers/signaling/host.ts";

test.each([
  ["gw.example", "gw.example"],
  ["gw.example:18123", "gw.example"],
  ["192.0.2.1:80", "192.0.2.1"],
  ["[2001:db8::1]:80", "[2001:db8::1]"],
  ["[::1]", "[::1]"],
  ["localhost", "localhost"],
])("Host %s → %s", (header, host) => {
  expect(readHost(header)).toBe(host);
});

test.each([
  [""],
  ["a b"],
  ["gw.example/live"],
  ["user@gw.example"],
  ["gw.example:port"],
  ["gw.example:123456"],
  ["[not:an:address]"],
  ["::1"],
  ["gw..example"],
  ["-gw.example"],
  ["gw.example?token=x"],
  [`${"a".repeat(64)}.example`],
])("Host %p is refused", (header) => {
  expect(readHost(header)).toBeUndefined();
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
])("%s, forwarded for %p: the client is at %s", (peer, forwardedFor, address) => {
  expect(readClientAddress(peer, forwardedFor)).toBe(address);
});

test("own addresses are those that others can reach", () => {
  expect([isOwnAddress("127.0.0.1"), isOwnAddress("203.0.113.9"), isOwnAddress("localhost")]).toEqual([
    false,
    false,
    false,
  ]);
  for (const own of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) {
    expect(isOwnAddress(own.address)).toBe(!own.internal);
  }
});

test("an address in a URL", () => {
  expect([toUrlHost("::1"), toUrlHost("127.0.0.1")]).toEqual(["[::1]", "127.0.0.1"]);
  expect(readHost(undefined)).toBeUndefined();
});
