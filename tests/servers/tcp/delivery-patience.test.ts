import { expect, test } from "bun:test";
import { leastPatienceMs, patienceMs } from "../../../src/servers/tcp/delivery-probe.ts";

/** Round trips as TCP_INFO tells them, in milliseconds, and what follows for `slow_reader_ms=500`. */
const CASES = [
  { where: "a wire, at once acknowledged", usualMs: 0.1, deviationMs: 0.03, shortestMs: 0.01, patience: 100 },
  {
    where: "a wire, each second frame acknowledged",
    usualMs: 19,
    deviationMs: 3,
    shortestMs: 0.01,
    patience: 100,
  },
  { where: "a wire, acknowledged late", usualMs: 42, deviationMs: 10, shortestMs: 0.01, patience: 124 },
  { where: "mobile", usualMs: 120, deviationMs: 10, shortestMs: 100, patience: 280 },
  { where: "mobile, jitter", usualMs: 120, deviationMs: 40, shortestMs: 50, patience: 350 },
  { where: "far", usualMs: 370, deviationMs: 40, shortestMs: 300, patience: 850 },
  { where: "a wire behind a full queue", usualMs: 2000, deviationMs: 300, shortestMs: 1, patience: 252 },
] as const;

test.each(CASES)("$where", ({ patience, ...roundTrips }) => {
  expect(patienceMs(roundTrips, 500)).toBe(patience);
});

test("one lost packet, two round trips, holds nothing back where the limit allows", () => {
  for (const { patience, ...roundTrips } of CASES.filter(({ usualMs }) => usualMs < 200)) {
    const { usualMs, shortestMs } = roundTrips;
    expect(patience).toBeGreaterThanOrEqual(Math.min(2 * usualMs, 250 + 2 * shortestMs));
  }
});

test("a kernel that does not tell leaves half of slow_reader_ms", () => {
  expect(patienceMs(undefined, 500)).toBe(250);
});

test("a small slow_reader_ms is kept", () => {
  expect(leastPatienceMs(500)).toBe(100);
  expect(leastPatienceMs(100)).toBe(50);
  expect(patienceMs({ usualMs: 0.1, deviationMs: 0, shortestMs: 0.1 }, 100)).toBe(50);
});
