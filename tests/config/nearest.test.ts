import { expect, test } from "bun:test";
import { findNearest } from "../../src/config/nearest.ts";

const KEYS = ["addr", "welcome_wav", "welcome_h264", "use_callout", "ptime"];

const ROWS: [word: string, nearest: string | undefined][] = [
  ["adr", "addr"],
  ["ADDR", "addr"],
  ["addres", "addr"],
  ["welcome_wave", "welcome_wav"],
  ["welcome-h264", "welcome_h264"],
  ["usecallout", "use_callout"],
  ["ptmie", "ptime"],
  ["volume", undefined],
  ["", undefined],
  ["x", undefined],
  ["a".repeat(10_000), undefined],
];
test.each(ROWS)("%s is taken for %s", (word, nearest) => {
  expect(findNearest(word, KEYS)).toBe(nearest);
});
