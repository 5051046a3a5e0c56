import { expect, test } from "bun:test";
import { isNestedDeeper } from "../../../src/protocols/signaling/nesting.ts";

const nest = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test.each([
  ["as deep as allowed", nest(8), false],
  ["a level deeper", nest(9), true],
  ["without an end", "[".repeat(60_000), true],
  ["objects and arrays count alike", `${'{"a":['.repeat(4)}{`, true],
  ["side by side", `[${Array.from({ length: 50 }, () => nest(7)).join(",")}]`, false],
  ["brackets within text", JSON.stringify({ msg: "[".repeat(50) }), false],
  ["text with quotes and backslashes", JSON.stringify({ msg: '\\"[[[[[[[[[[[[\\' }), false],
  ["after text with a backslash at its end", `${JSON.stringify(["\\"])}${nest(9)}`, true],
])("%s", (_, text, isDeeper) => {
  expect(isNestedDeeper(text, 8)).toBe(isDeeper);
});
