import { describe, expect, test } from "bun:test";
import { networkOf, Throttle } from "../../src/users/throttle.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

describe("throttle", () => {
  const make = () => {
    const clock = new FakeClock();
    return { clock, throttle: new Throttle({ maxFailures: 3, lockoutMs: 60_000, clock }) };
  };

  test("locks out after failures in a row, for a while", () => {
    const { clock, throttle } = make();
    expect([throttle.fail("a"), throttle.fail("a")]).toEqual([false, false]);
    expect(throttle.isLocked("a")).toBe(false);
    expect(throttle.fail("a")).toBe(true);
    expect([throttle.isLocked("a"), throttle.isLocked("b")]).toEqual([true, false]);
    clock.advance(59_999);
    expect(throttle.isLocked("a")).toBe(true);
    clock.advance(1);
    expect(throttle.isLocked("a")).toBe(false);
    expect(throttle.size).toBe(0);
  });

  test("a success in between starts anew", () => {
    const { throttle } = make();
    throttle.fail("a");
    throttle.fail("a");
    throttle.succeed("a");
    throttle.fail("a");
    expect(throttle.isLocked("a")).toBe(false);
  });

  test("memory is bounded, the longest untouched goes first", () => {
    const { throttle } = make();
    for (let index = 0; index < 3; index++) throttle.fail("kept");
    for (let index = 0; index < 9_999; index++) throttle.fail(`user-${index}`);
    throttle.fail("kept");
    for (let index = 0; index < 5_000; index++) throttle.fail(`late-${index}`);
    expect(throttle.size).toBe(10_000);
    expect(throttle.isLocked("kept")).toBe(true);
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::6", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["2001::3:4:5:6:7:8", "2001:0:3:4::/64"],
  ["::2:3:4:5:6:7:8", "0:2:3:4::/64"],
  ["::ffff:192.0.2.7.1", "0:0:0:0::/64"],
])("%s is counted as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
