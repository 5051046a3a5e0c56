import { describe, expect, test } from "bun:test";
import { readUser } from "../../src/users/user-row.ts";

const read = (columns: Record<string, unknown>) =>
  readUser({ user_name: "lihao", password: "1234", ...columns });

test("the manual's table gives name and password", () => {
  expect(read({})).toEqual({ name: "lihao", secret: "1234", enabled: true });
});

test("the other columns are taken where they are there", () => {
  const columns = { display_name: "李浩", forward_to: "1001", openid: "oX", max_calls: 3 };
  expect(read(columns)).toMatchObject({ displayName: "李浩", forwardTo: "1001", openid: "oX", maxCalls: 3 });
});

test.each([null, "", undefined, new Date()])("%p is no password", (password) => {
  expect(read({ password }).secret).toBeUndefined();
});

test("a name of digits may be a number in the database", () => {
  expect(readUser({ user_name: 1001, password: 1234 })).toMatchObject({ name: "1001", secret: "1234" });
});

test.each([
  [undefined, true],
  [null, true],
  [true, true],
  [1, true],
  ["t", true],
  ["1", true],
  [new Uint8Array([1]), true],
  [false, false],
  [0, false],
  ["f", false],
  ["no", false],
  ["", false],
  [new Uint8Array([0]), false],
])("enabled %p: %p", (enabled, expected) => {
  expect(read({ enabled }).enabled).toBe(expected);
});

describe("expires_at", () => {
  const END_MS = Date.UTC(2027, 0, 2, 3, 4, 5);
  test.each([
    [new Date(END_MS), END_MS],
    ["2027-01-02 03:04:05", END_MS],
    ["2027-01-02T03:04:05Z", END_MS],
    ["2027-01-02 11:04:05+08:00", END_MS],
    ["2027-01-02 11:04:05+08", END_MS],
    ["2027-01-02", Date.UTC(2027, 0, 2)],
    [END_MS / 1000, END_MS],
    [String(END_MS), END_MS],
    [null, undefined],
    ["soon", 0],
    [new Date(Number.NaN), 0],
  ])("%p", (expires_at, expected) => {
    expect(read({ expires_at }).expiresAtMs).toBe(expected);
  });
});
