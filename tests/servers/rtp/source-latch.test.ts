import { expect, test } from "bun:test";
import { SourceLatch } from "../../../src/servers/rtp/source-latch.ts";

const ANNOUNCED = ["192.0.2.1", 4000] as const;
const OTHER_PORT = ["192.0.2.1", 5000] as const;
const NAT = ["203.0.113.9", 61_000] as const;
const ATTACKER = ["198.51.100.66", 6666] as const;

const SSRC = 77;

/** A latch that trusts the NAT's host, in a time that the test moves. */
function latch() {
  const source = new SourceLatch(...ANNOUNCED, (address) => address === NAT[0]);
  const target = () => [source.address, source.port];
  let nowMs = 10_000;
  const accept = (address: string, port: number, ssrc = SSRC) => source.accept(address, port, ssrc, nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { source, target, accept, pass };
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
  const { target, accept } = latch();
  expect(accept(address, port)).toBe(true);
  expect(accept(...ATTACKER)).toBe(false);
  expect(accept(address, port)).toBe(true);
  expect(target()).toEqual([address, port]);
});

test("a stranger is never heard: not first, nor after any silence, nor after a new SDP", () => {
  const { source, target, accept, pass } = latch();
  expect(accept(...ATTACKER)).toBe(false);
  expect(accept(...NAT)).toBe(true);
  pass(60_000);
  expect(accept(...ATTACKER)).toBe(false);
  source.announce(...ANNOUNCED);
  pass(60_000);
  expect(accept(...ATTACKER)).toBe(false);
  source.announce("192.0.2.2", 4000);
  expect(accept(...ATTACKER)).toBe(false);
  expect(target()).toEqual(["192.0.2.2", 4000]);
});

test("what is nearer to the SDP takes over at once, and nothing takes it back from a stream that goes on", () => {
  const { target, accept } = latch();
  expect(accept(...NAT)).toBe(true);
  expect(accept(...OTHER_PORT)).toBe(true);
  expect(accept(...NAT)).toBe(false);
  expect(accept("192.0.2.1", 5002)).toBe(false);
  expect(accept(...ANNOUNCED)).toBe(true);
  expect([accept(...OTHER_PORT), accept(...NAT)]).toEqual([false, false]);
  expect(target()).toEqual([...ANNOUNCED]);
});

type Move = readonly [string, readonly [string, number], readonly [string, number]];

test.each<Move>([
  ["from the announced port to another", ANNOUNCED, OTHER_PORT],
  ["from one port of a NAT to another", NAT, [NAT[0], 62_000]],
  ["from the announced host to a trusted one", ANNOUNCED, NAT],
])("a stream that moves is followed, %s: the same soon, another after 2 s", (_, from, to) => {
  for (const [ssrc, silentMs] of [
    [SSRC, 100],
    [SSRC + 1, 2000],
  ] as const) {
    const { target, accept, pass } = latch();
    accept(...from);
    pass(silentMs - 1);
    expect(accept(...to, ssrc)).toBe(false);
    pass(1);
    expect(accept(...to, ssrc)).toBe(true);
    expect(target()).toEqual([...to]);
  }
});

test("a key of another number does not hide whose the stream is", () => {
  const { accept, pass } = latch();
  accept(...NAT);
  accept(...NAT, 99);
  accept(...NAT);
  pass(100);
  expect(accept(NAT[0], 62_000)).toBe(true);
});

test("the same SDP again keeps the target, and lets another stream in once the old one is silent", () => {
  const { source, target, accept, pass } = latch();
  accept(...NAT);
  source.announce(...ANNOUNCED);
  expect(target()).toEqual([...NAT]);
  expect(accept(...OTHER_PORT, 99)).toBe(true);
  source.announce(...ANNOUNCED);
  expect(accept(NAT[0], 62_000, 5)).toBe(false);
  pass(100);
  expect(accept(NAT[0], 62_000, 5)).toBe(true);
  source.announce(...ANNOUNCED);
  accept(NAT[0], 62_000, 5);
  pass(100);
  expect(accept(NAT[0], 63_000, 6)).toBe(false);
});

test("another SDP begins anew", () => {
  const { source, target, accept } = latch();
  accept(...ANNOUNCED);
  source.announce("192.0.2.2", 4000);
  expect(target()).toEqual(["192.0.2.2", 4000]);
  expect(accept(...NAT)).toBe(true);
  expect(accept("192.0.2.2", 4000)).toBe(true);
});

test("addresses are compared as addresses", () => {
  const nobody = () => false;
  const mapped = new SourceLatch("192.0.2.1", 4000, nobody);
  expect(mapped.accept("::ffff:192.0.2.1", 4000, SSRC, 0)).toBe(true);
  expect([mapped.address, mapped.isHost("192.0.2.1"), mapped.isHost("::ffff:192.0.2.1")]).toEqual([
    "192.0.2.1",
    true,
    true,
  ]);
  const inGroups = new SourceLatch("::ffff:c000:201", 4000, nobody);
  expect(inGroups.accept("192.0.2.1", 4000, SSRC, 0)).toBe(true);
  const ipv6 = new SourceLatch("2001:DB8:0::0001", 4000, nobody);
  expect(ipv6.accept("2001:db8::9", 4000, SSRC, 0)).toBe(false);
  expect(ipv6.accept("2001:db8::1", 4000, SSRC, 0)).toBe(true);
  expect(new SourceLatch("not an address:", 1, nobody).address).toBe("not an address:");
});
