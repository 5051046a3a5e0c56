import { describe, expect, test } from "bun:test";
import type { DirectionReport } from "../../src/probe/direction.ts";
import { findFaults, percentile } from "../../src/probe/probe.ts";
import { formatReport } from "../../src/probe/report.ts";

/** 1 to 100 ms, once each. */
const DELAYS_MS = Array.from({ length: 100 }, (_, index) => index + 1);

function direction(changes: Partial<DirectionReport> = {}): DirectionReport {
  return { name: "a → b", sent: 200, received: 200, firstMediaMs: 31.25, delaysMs: DELAYS_MS, ...changes };
}

describe("the report", () => {
  test("a line a figure, and green without a fault", () => {
    expect(formatReport({ setUpMs: 12.34, directions: [direction()], faults: [] })).toBe(
      "set-up: 12.3 ms from invite to the other side\n" +
        "a → b: one-way delay p50 51.0 ms, p99 100.0 ms; first sound 31.3 ms; lost 0.0 %\n" +
        "GREEN: calls get through\n",
    );
  });

  test("red with each fault on a line of its own, after the figures", () => {
    const text = formatReport({ setUpMs: 5, directions: [], faults: ["too late", "too little"] });
    expect(text.split("\n").slice(1)).toEqual([
      "fault: too late",
      "fault: too little",
      "RED: see the faults above",
      "",
    ]);
  });

  test("both directions, the first first", () => {
    const directions = [direction(), direction({ name: "b → a" })];
    const text = formatReport({ setUpMs: 5, directions, faults: [] });
    expect([...text.matchAll(/^(.*): one-way/gm)].map(([, name]) => name)).toEqual(["a → b", "b → a"]);
  });

  test.each([
    ["a frame in eight", 200, 175, "lost 12.5 %"],
    ["everything", 200, 0, "lost 100.0 %"],
    ["nothing was sent", 0, 0, "lost 100.0 %"],
  ])("what was lost: %s", (_, sent, received, shown) => {
    const directions = [direction({ sent, received })];
    expect(formatReport({ setUpMs: 5, directions, faults: [] })).toContain(shown);
  });

  test("a direction in which nothing was heard has no figures", () => {
    const silent = direction({ received: 0, firstMediaMs: undefined, delaysMs: [] });
    expect(formatReport({ setUpMs: 5, directions: [silent], faults: [] })).toContain(
      "one-way delay p50 none, p99 none; first sound none; lost 100.0 %",
    );
  });
});

test.each([
  [0, 1],
  [0.5, 51],
  [0.99, 100],
  [1, 100],
])("of a hundred values, so many below: %d", (share, value) => {
  expect(percentile(DELAYS_MS, share)).toBe(value);
  expect(percentile([], share)).toBeUndefined();
  expect(percentile([7], share)).toBe(7);
});

describe("what makes an installation unfit", () => {
  const late = (delayMs: number) => direction({ delaysMs: [1, delayMs, delayMs, 9999] });

  test.each([
    ["nothing", 1000, direction(), []],
    ["a call that takes more than a second", 1001.4, direction(), ["the call took 1001 ms to arrive"]],
    ["silence", 5, direction({ received: 0, delaysMs: [] }), ["a → b: no sound arrived"]],
    ["one frame in a hundred lost, which nobody hears", 5, direction({ received: 198 }), []],
    ["more than that", 5, direction({ received: 197 }), ["a → b: 3 of 200 frames lost"]],
    ["sound a quarter of a second late", 5, late(250), []],
    ["sound that is later", 5, late(251), ["a → b: sound is 251 ms late"]],
  ])("%s", (_, setUpMs, measured, faults) => {
    expect(findFaults(setUpMs, [measured])).toEqual([...faults]);
  });
});
