import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { insertTable, renderTable } from "../../src/config/render-table.ts";
import { renderGenerated } from "./generated-files.ts";

const root = resolve(import.meta.dir, "../..");

test("conf/ and the tables of the READMEs are as the schema renders them: make generate", () => {
  for (const { path, text } of renderGenerated(root)) {
    expect(readFileSync(resolve(root, path), "utf8"), path).toBe(text);
  }
});

test("a table that differs from the schema is replaced, its surroundings stay", () => {
  const readme = "before\n<!-- config:begin -->\nold\n<!-- config:end -->\nafter\n";
  const expected = `before\n<!-- config:begin -->\n\n${renderTable("en")}\n<!-- config:end -->\nafter\n`;
  expect(insertTable(readme, "en")).toBe(expected);
  expect(insertTable(expected, "en")).toBe(expected);
  expect(insertTable("no marks", "en")).toBeUndefined();
});
