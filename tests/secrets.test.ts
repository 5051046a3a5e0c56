import { expect, test } from "bun:test";
import { areEqualSecrets } from "../src/secrets.ts";

test("secrets are compared whole, whatever their lengths", () => {
  expect(areEqualSecrets("abc", "abc")).toBe(true);
  expect(areEqualSecrets("", "")).toBe(true);
  for (const other of ["abd", "bbc", "ab", "abcd", "", "ABC"]) {
    expect(areEqualSecrets(other, "abc")).toBe(false);
    expect(areEqualSecrets("abc", other)).toBe(false);
  }
});
