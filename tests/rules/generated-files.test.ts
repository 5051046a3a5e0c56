import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { insertBetween, renderGenerated } from "./generated-files.ts";
import { ROOT } from "./source.ts";

test("conf/ and the generated parts of docs/ are as their sources say: make generate", () => {
  const files = renderGenerated(ROOT);
  expect(files.length).toBeGreaterThan(20);
  for (const { path, text } of files) expect(readFileSync(resolve(ROOT, path), "utf8"), path).toBe(text);
});

test("a part that differs is replaced, its surroundings stay", () => {
  const page = "before\n<!-- config:begin -->\nold\n<!-- config:end -->\nafter\n";
  const expected = "before\n<!-- config:begin -->\n\nnew\n\n<!-- config:end -->\nafter\n";
  expect(insertBetween(page, "config", "new\n")).toBe(expected);
  expect(insertBetween(expected, "config", "new\n")).toBe(expected);
  expect(insertBetween("no marks", "config", "new\n")).toBeUndefined();
});
