import { describe, expect, test } from "bun:test";
import { checkParties } from "./parties.ts";
import { applyRule, readSources } from "./source.ts";

test("nobody asks what kind of party it has", async () => {
  const sources = await readSources("src/**/*.ts");
  expect(sources.some(({ path }) => path === "src/calls/telephone-party.ts")).toBe(true);
  expect(applyRule(checkParties, sources)).toEqual([]);
});

describe("who asks is caught", () => {
  test.each([
    "if (party instanceof TelephoneParty) ring();",
    'if (call.caller.kind === "app") end();',
    "if (callee?.kind !== kind) end();",
    "if (this.callee.describe().kind === kind) end();",
    'const clients = parties.filter(({ kind }) => kind === "client");',
    'switch (party.describe().kind) { case "telephone": ring(); }',
  ])("%s", (text) => {
    expect(checkParties({ path: "src/calls/call.ts", text })).not.toEqual([]);
  });

  test("and who only hands it on is not", () => {
    const text = "const calleeKind = this.callee.describe().kind; // party instanceof TelephoneParty";
    expect(checkParties({ path: "src/calls/call.ts", text })).toEqual([]);
  });
});
