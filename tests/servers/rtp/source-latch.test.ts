import { expect, test } from "bun:test";
import { SourceLatch } from "../../../src/servers/rtp/source-latch.ts";

const ANNOUNCED = ["192.0.2.1", 4000] as const;
const OTHER_PORT = ["192.0.2.1", 5000] as const;
const NAT = ["203.0.113.9", 61_000] as const;
const ATTACKER = ["198.51.100.66", 6666] as const;

function latch() {
  const source = new SourceLatch(...ANNOUNCED);
  const target = () => [source.address, source.port];
  return { source, target };
}

test("sends where the SDP says until something is heard", () => {
  const { target } = latch();
  expect(target()).toEqual([...ANNOUNCED]);
});

test.each([
  ["the announced one", ...ANNOUNCED],
  ["another port", ...OTHER_PORT],
  ["a NAT", ...NAT],
])("the first source is kept: %s", (_, address, port) => {
  const { source, target } = latch();
  expect(source.accept(address, port)).toBe(true);
  expect(source.accept(...ATTACKER)).toBe(false);
  expect(source.accept(address, port)).toBe(true);
  expect(target()).toEqual([address, port]);
});

test("only what is nearer to the SDP takes over, and nothing takes it back", () => {
  const { source, target } = latch();
  expect(source.accept(...ATTACKER)).toBe(true);
  expect(source.accept(...NAT)).toBe(false);
  expect(source.accept(...OTHER_PORT)).toBe(true);
  expect(source.accept(...ATTACKER)).toBe(false);
  expect(source.accept("192.0.2.1", 5002)).toBe(false);
  expect(source.accept(...ANNOUNCED)).toBe(true);
  expect([source.accept(...OTHER_PORT), source.accept(...ATTACKER)]).toEqual([false, false]);
  expect(target()).toEqual([...ANNOUNCED]);
});

test("a new SDP begins anew; the same again changes nothing", () => {
  const { source, target } = latch();
  source.accept(...NAT);
  source.announce(...ANNOUNCED);
  expect(target()).toEqual([...NAT]);
  source.announce("192.0.2.2", 4000);
  expect(target()).toEqual(["192.0.2.2", 4000]);
  expect(source.accept(...ANNOUNCED)).toBe(true);
  expect(source.accept("192.0.2.2", 4000)).toBe(true);
});

test("addresses are compared as addresses", () => {
  const mapped = new SourceLatch("192.0.2.1", 4000);
  expect(mapped.accept("::ffff:192.0.2.1", 4000)).toBe(true);
  expect([mapped.address, mapped.isHost("192.0.2.1"), mapped.isHost("::ffff:192.0.2.1")]).toEqual([
    "192.0.2.1",
    true,
    true,
  ]);
  const ipv6 = new SourceLatch("2001:DB8:0::0001", 4000);
  expect(ipv6.accept("2001:db8::9", 4000)).toBe(true);
  expect(ipv6.accept("2001:db8::1", 4000)).toBe(true);
  expect(ipv6.accept("2001:db8::9", 4000)).toBe(false);
  expect(new SourceLatch("not an address:", 1).address).toBe("not an address:");
});
