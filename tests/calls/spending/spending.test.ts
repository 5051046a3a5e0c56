import { describe, expect, test } from "bun:test";
import { Allowance } from "../../../src/calls/spending/allowance.ts";
import type { CallMeter } from "../../../src/calls/spending/call-meter.ts";
import { createLogger } from "../../../src/log.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { type Limits, openSpending } from "./open-spending.ts";

function open(limits: Limits) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line), clock });
  const spending = openSpending(limits, clock, log);
  /** How many of so many attempts go through. */
  const countBegun = (count: number, user = "lihao", number: string | undefined = "13800138000") =>
    Array.from({ length: count }, () => spending.begin({ user, number })).filter(isMeter).length;
  const begin = (user = "lihao", number = "13800138000") => {
    const meter = spending.begin({ user, number });
    if (!isMeter(meter)) throw new Error(`over the limit of ${meter}`);
    return meter;
  };
  return { clock, spending, countBegun, begin, lines };
}

function isMeter(begun: CallMeter | string): begun is CallMeter {
  return typeof begun !== "string";
}

test("of a thousand attempts of one user in three seconds so many go through as a minute allows", () => {
  const { clock, countBegun, spending } = open({ callsPerMinutePerUser: 60 });
  let begun = 0;
  for (let index = 0; index < 1000; index++) {
    begun += countBegun(1);
    clock.advance(3);
  }
  expect(begun + countBegun(9)).toBe(60 + 3);
  expect(spending.begin({ user: "lihao", number: undefined })).toBe("user");
  expect(countBegun(1, "nway")).toBe(1);
  clock.advance(60_000);
  expect(countBegun(1000)).toBe(60);
});

test("a limit of all is everybody's, and whoever is over the own takes nothing from it", () => {
  const { countBegun, spending } = open({ callsPerMinute: 10, callsPerMinutePerUser: 4 });
  expect(countBegun(100, "a")).toBe(4);
  expect(countBegun(100, "b")).toBe(4);
  expect(countBegun(100, "c")).toBe(2);
  expect(spending.begin({ user: "d", number: undefined })).toBe("all");
  expect(spending.begin({ user: undefined, number: undefined })).toBe("all");
});

describe("numbers", () => {
  test("that fit a pattern count, in each pattern that fits", () => {
    const { countBegun } = open({ limits: "*:10/min,00*:2/min" });
    expect(countBegun(5, "lihao", "0044")).toBe(2);
    expect(countBegun(100, "lihao", "138")).toBe(8);
    expect(countBegun(5, "nway", "0044")).toBe(2);
  });

  test("that nobody dials do not count: calls between clients", () => {
    const { spending } = open({ limits: "*:1/min" });
    const begun = Array.from({ length: 9 }, () => spending.begin({ user: "lihao", number: undefined }));
    expect(begun.every(isMeter)).toBe(true);
  });

  test("for emergencies do not count, and are never over a limit of numbers", () => {
    const { countBegun } = open({ limits: "*:1/min", totalLimits: "*:1/min" });
    expect(countBegun(1)).toBe(1);
    expect(countBegun(5, "lihao", "110")).toBe(5);
  });

  test("at a time: a call that ended makes room, once", () => {
    const { clock, begin, countBegun } = open({ limits: "*:2live" });
    const first = begin();
    begin();
    expect(countBegun(1)).toBe(0);
    first.end(clock.nowMs());
    first.end(clock.nowMs());
    expect(countBegun(5)).toBe(1);
  });
});

describe("minutes a day", () => {
  test("are those talked, of all calls; whoever used them up is cut off and calls no more that day", () => {
    const { clock, begin, countBegun } = open({ limits: "*:3min/day" });
    const [one, other] = [begin(), begin()];
    clock.advance(600_000);
    expect(one.check(clock.nowMs())).toBeUndefined();
    for (const meter of [one, other]) meter.start(clock.nowMs());
    clock.advance(89_000);
    expect([one.check(clock.nowMs()), other.check(clock.nowMs())]).toEqual([undefined, undefined]);
    clock.advance(1500);
    expect(one.check(clock.nowMs())).toBeUndefined();
    expect(other.check(clock.nowMs())).toBe("*:3min/day");
    for (const meter of [one, other]) meter.end(clock.nowMs());
    expect([countBegun(1), countBegun(1, "nway")]).toEqual([0, 1]);
    clock.advance(24 * 3_600_000);
    expect(countBegun(1)).toBe(1);
  });

  test("of a call over midnight count for the day on which they are talked", () => {
    const { clock, begin } = open({ limits: "*:60min/day" });
    const day = new Date(clock.wallMs());
    day.setHours(23, 30, 0, 0);
    clock.advance(day.getTime() - clock.wallMs());
    const call = begin();
    call.start(clock.nowMs());
    for (let minute = 0; minute < 88; minute++) {
      clock.advance(60_000);
      expect(call.check(clock.nowMs())).toBeUndefined();
    }
    clock.advance(120_000);
    expect(call.check(clock.nowMs())).toBe("*:60min/day");
  });
});

test("a flood of refusals is a line each ten seconds, with who, what and which limit", () => {
  const { clock, countBegun, lines } = open({ limits: "00*:1/min,30min/day" });
  for (let second = 0; second < 25; second++) {
    countBegun(1000, "lihao", "0044");
    clock.advance(1000);
  }
  expect(lines).toHaveLength(3);
  expect(lines[0]).toEndWith(
    ' warn call.over-limit user=lihao number=0044 of=user limit=00*:1/min,30min/day reached="calls a minute"\n',
  );
});

test("so many users are remembered; those with a call stay", () => {
  const clock = new FakeClock();
  const allowance = new Allowance({ text: "", liveCalls: 1 }, clock);
  allowance.take("talks");
  for (let index = 0; index < 60_000; index++) allowance.findReached(`user-${index}`);
  expect(allowance.size).toBe(50_000);
  expect(allowance.findReached("talks")).toBe("calls at a time");
});
