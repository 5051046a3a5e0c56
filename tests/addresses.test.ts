import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { isLoopbackHost, listOwnAddresses, plainAddress, readAddress } from "../src/addresses.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2", "::ffff:192.0.2"],
  ["::ffff:c000:207", "::ffff:c000:207"],
  ["2001:db8::1", "2001:db8::1"],
  ["::1", "::1"],
  ["", ""],
])("%p is %p", (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:DB8::7", "2001:db8::7"],
  ["2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:C000:207", "192.0.2.7"],
  ["0:0:0:0:0:ffff:c000:0207", "192.0.2.7"],
  ["::ffff:0:1", "0.0.0.1"],
  ["0000::1", "::1"],
  ["::192.0.2.7", "::c000:207"],
  ["64:ff9b::c000:207", "64:ff9b::c000:207"],
  ["fe80::1%eth0", undefined],
  ["192.0.2.07", undefined],
  ["192.0.2", undefined],
  ["0xc0000207", undefined],
  ["[::1]", undefined],
  ["example", undefined],
  ["", undefined],
])("a peer's %p is %p", (text, address) => {
  expect(readAddress(text)).toBe(address);
});

test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"])(
  "%s is this machine",
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

test.each([
  "",
  "0.0.0.0",
  "::",
  "::ffff:192.0.2.7",
  "192.0.2.127",
  "10.127.0.1",
  "127.example",
  "127.0.0.1.example",
  "localhost.example",
  "[::1]",
])("%p may be another", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

test("the addresses of all interfaces are this machine's", () => {
  const all = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  expect(listOwnAddresses().map(({ address }) => address)).toEqual(all.map(({ address }) => address));
  expect(all.length).toBeGreaterThan(0);
});
