import { expect, test } from "bun:test";
import type { NumberLimit } from "../../src/calls/spending/spending.ts";
import { readIni } from "../../src/config/ini.ts";
import { numberLimits } from "../../src/config/number-limits.ts";
import { resolveConfig } from "../../src/config/resolve.ts";

const read = (text: string): readonly NumberLimit[] => numberLimits.schema.parse(text);

test("a pattern has what follows it, up to the next", () => {
  expect(read("*:20/min, 00*:2/min,1live,30min/day,[*]7:9live")).toMatchObject([
    { text: "*:20/min", callsPerMinute: 20 },
    { text: "00*:2/min,1live,30min/day", callsPerMinute: 2, liveCalls: 1, minutesPerDay: 30 },
    { text: "[*]7:9live", liveCalls: 9, pattern: { places: ["*", "7"], isOpen: false } },
  ]);
  expect(read("")).toEqual([]);
});

test.each([
  "20/min",
  "*",
  "*:",
  ":2/min",
  "*:0/min",
  "*:-1/min",
  "*:2",
  "*:2/hour",
  "*:2/min,3/min",
  "*:2min/day/min",
  "1*2:2/min",
  "*:*:2/min",
  "*:2/min;1live",
  "*:12345678/min",
  "*:1.5/min",
  "*:２/min",
  Array.from({ length: 101 }, () => "*:1/min").join(),
])("%p is refused", (text) => expect(numberLimits.schema.safeParse(text).success).toBe(false));

test("at start the file, the key, the value and what is allowed are named", () => {
  const resolved = resolveConfig([readIni("[dialing]\nlimits=00*:2/hour", "nway_wx.ini")], false);
  const [problem] = "problems" in resolved ? resolved.problems : [];
  expect(problem).toStartWith('nway_wx.ini:2: [dialing] limits: found "00*:2/hour", allowed: pattern:amount');
});
