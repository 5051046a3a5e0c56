import { expect, test } from "bun:test";
import type { DirectionReport } from "../../src/probe/direction.ts";
import { findFaults } from "../../src/probe/faults.ts";
import { formatJson, formatReport } from "../../src/probe/report.ts";

/** 200 frames of 20 ms, the delays 1 to 200 ms. */
const GOOD: DirectionReport = {
  name: "ann → bob",
  sent: 200,
  received: 200,
  firstMediaMs: 12.34,
  delaysMs: Array.from({ length: 200 }, (_, index) => index + 1),
};
const SILENT: DirectionReport = {
  ...GOOD,
  name: "bob → ann",
  received: 0,
  firstMediaMs: undefined,
  delaysMs: [],
};

test("the report has a line a figure, then green", () => {
  const directions = [GOOD, { ...GOOD, name: "bob → ann", received: 199 }];
  expect(formatReport({ setUpMs: 3.21, directions, faults: [] })).toBe(
    "set-up: 3.2 ms from invite to the other side\n" +
      "ann → bob: one-way delay p50 101.0 ms, p99 199.0 ms; first sound 12.3 ms; lost 0.0 %\n" +
      "bob → ann: one-way delay p50 101.0 ms, p99 199.0 ms; first sound 12.3 ms; lost 0.5 %\n" +
      "GREEN: calls get through\n",
  );
});

test("a direction without sound says none, and faults make it red", () => {
  const directions = [SILENT, { ...SILENT, sent: 0 }];
  expect(formatReport({ setUpMs: 3, directions, faults: ["one", "two"] })).toBe(
    "set-up: 3.0 ms from invite to the other side\n" +
      "bob → ann: one-way delay p50 none, p99 none; first sound none; lost 100.0 %\n".repeat(2) +
      "fault: one\nfault: two\nRED: see the faults above\n",
  );
});

const late = (ms: number): DirectionReport => ({ ...GOOD, delaysMs: Array.from({ length: 200 }, () => ms) });

const ROWS: [setUpMs: number, direction: DirectionReport, faults: string[]][] = [
  [1000, GOOD, []],
  [1001, GOOD, ["the call took 1001 ms to arrive"]],
  [1, SILENT, ["bob → ann: no sound arrived"]],
  [1, { ...GOOD, received: 198 }, []],
  [1, { ...GOOD, received: 197 }, ["ann → bob: 3 of 200 frames lost"]],
  [1, late(250), []],
  [1, late(250.6), ["ann → bob: sound is 251 ms late"]],
];
test.each(ROWS)("%d ms of set-up, and a direction as it may be", (setUpMs, direction, faults) => {
  expect(findFaults(setUpMs, [direction])).toEqual(faults);
  expect(findFaults(setUpMs, [GOOD, direction])).toEqual(faults);
});

test("JSON has percentiles and a verdict, green and red, and where no call came about", () => {
  const green: unknown = JSON.parse(formatJson({ setUpMs: 3.21, directions: [GOOD], faults: [] }));
  expect(green).toEqual({
    verdict: "ok",
    setUpMs: 3.21,
    directions: [{ ...GOOD, delayMs: { p50: 101, p95: 191, p99: 199 } }],
    faults: [],
  });
  const red: unknown = JSON.parse(formatJson({ setUpMs: 3, directions: [SILENT], faults: ["one", "two"] }));
  expect(red).toMatchObject({ verdict: "one; two", faults: ["one", "two"], directions: [{ delayMs: {} }] });
  const none = formatJson({ setUpMs: undefined, directions: [], faults: ["ws://x/: refused"] });
  expect(none).toBe('{"verdict":"ws://x/: refused","directions":[],"faults":["ws://x/: refused"]}\n');
});
