import { describe, expect, test } from "bun:test";
import type { NumberPattern, RewriteRule } from "../../src/calls/number-rules.ts";
import {
  numberPatterns,
  parsePattern,
  parseRewriteRule,
  rewriteRules,
} from "../../src/config/number-patterns.ts";

describe("a pattern", () => {
  test.each([
    ["00*", ["0", "0"], true],
    ["110", ["1", "1", "0"], false],
    ["1[3-9]X", ["1", "3456789", "0123456789"], false],
    ["*", [], true],
    ["[*]72*", ["*", "7", "2"], true],
    ["[X]#", ["X", "#"], false],
    ["0ZN*", ["0", "123456789", "23456789"], true],
    ["[N]z", ["N", "z"], false],
    ["[0-2a-c-]", ["012abc-"], false],
    ["[-+]1", ["-+", "1"], false],
    ["agent.x_-*", ["a", "g", "e", "n", "t", ".", "x", "_", "-"], true],
  ])("%s", (text, places, isOpen) => {
    expect(parsePattern(text)).toEqual({ text, places, isOpen });
  });

  test.each([
    "",
    "**",
    "*1",
    "1*2",
    "[",
    "[]",
    "[3-9",
    "3]",
    "[9-3]",
    "[a9-3]",
    "[[1]]",
    "1 2",
    "1,2",
    "(1|2)+",
    "\\d+",
  ])("%p is refused", (text) => expect(parsePattern(text)).toBeUndefined());

  test.each(["０", "1\n", "1\0", "中", "$", "^1", "1?", "{3}", "1;2", "%31", "[é]"])(
    "%p is refused",
    (text) => {
      expect(parsePattern(text)).toBeUndefined();
    },
  );

  test("has at most 64 places", () => {
    expect(parsePattern("X".repeat(64))?.places).toHaveLength(64);
    expect(parsePattern("X".repeat(65))).toBeUndefined();
  });
});

describe("a rule", () => {
  test.each([
    ["9|*", "9", "*", ""],
    ["1XXXX>0", "", "1XXXX", "0"],
    ["+86|1XXXX>0", "+86", "1XXXX", "0"],
    ["00|*>+", "00", "*", "+"],
    ["#|*>*", "#", "*", "*"],
  ])("%s", (text, stripped, rest, added) => {
    expect(parseRewriteRule(text)).toEqual({
      stripped,
      rest: expect.objectContaining({ text: rest }),
      added,
    });
  });

  test.each([
    "",
    "9",
    "*",
    "|*",
    ">0",
    "9|",
    "9|>0",
    "9|*>0>1",
    "9|1|*",
    "9|*>{a=b}",
    "a b|*",
    "9|*>\n",
    "'|*",
  ])("%p is refused", (text) => expect(parseRewriteRule(text)).toBeUndefined());
});

test("lists are read whole or not at all", () => {
  expect(numberPatterns.schema.parse("00*, +*\t1[3-9]X,,").map(({ text }) => text)).toEqual([
    "00*",
    "+*",
    "1[3-9]X",
  ]);
  expect(numberPatterns.schema.parse("")).toEqual([]);
  expect(rewriteRules.schema.parse("9|*, 1XX>0")).toHaveLength(2);
  expect(numberPatterns.schema.safeParse("00*, 1*2").success).toBe(false);
  expect(rewriteRules.schema.safeParse("9|*, 9").success).toBe(false);
  expect(numberPatterns.schema.safeParse("1,".repeat(1000)).success).toBe(true);
  expect(numberPatterns.schema.safeParse("1,".repeat(1001)).success).toBe(false);
  expect(numberPatterns.schema.safeParse("1".repeat(40_000)).success).toBe(false);
});

test("what the settings yield is what calls take", () => {
  const patterns: readonly NumberPattern[] = numberPatterns.schema.parse("00*");
  const rules: readonly RewriteRule[] = rewriteRules.schema.parse("9|*");
  expect([patterns.length, rules.length]).toEqual([1, 1]);
});
