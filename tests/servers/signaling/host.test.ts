import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { isOwnAddress, readHost, toUrlHost } from "../../../src/servers/signaling/host.ts";

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
