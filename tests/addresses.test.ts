import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { isLoopbackHost, listOwnAddresses, plainAddress } from "../src/addresses.ts";

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
