import { expect, test } from "bun:test";
import { toCallerName } from "../../src/calls/caller-name.ts";

test.each([
  ["lihao", "lihao"],
  ["李 浩@nway", "李浩nway"],
  ["a,b}c\nd'\"{=^", "abcd"],
  [`a${"𠀀".repeat(80)}`, `a${"𠀀".repeat(63)}`],
  ["\ud840", undefined],
  [" ,{}", undefined],
  ["", undefined],
])("%p is shown as %p", (name, shown) => {
  expect(toCallerName(name)).toBe(shown);
});
