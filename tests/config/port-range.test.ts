import { expect, test } from "bun:test";
import { portRange } from "../../src/config/port-range.ts";

test.each([
  ["10000-15999", { first: 10_000, last: 15_999 }],
  ["1024-1025", { first: 1024, last: 1025 }],
  ["10001-10003", { first: 10_001, last: 10_003 }],
  ["65534-65535", { first: 65_534, last: 65_535 }],
])("%s", (text, range) => {
  expect(portRange.schema.parse(text)).toEqual(range);
});

test.each([
  "",
  "10000",
  "10000-",
  "-10000",
  "10000-10000",
  "10001-10002",
  "1023-2000",
  "15999-10000",
  "65535-65536",
])("%p is refused", (text) => expect(portRange.schema.safeParse(text).success).toBe(false));

test.each(["10000 - 15999", "10000-15999x", "010000-15999", "1e4-2e4", "10000–15999"])(
  "%p is refused too",
  (text) => {
    expect(portRange.schema.safeParse(text).success).toBe(false);
  },
);
