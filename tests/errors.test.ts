import { expect, test } from "bun:test";
import { AppError, errorCodeOf, expectPeerFault, isPeerFault } from "../src/errors.ts";

test("only a peer's mistake is expected; anything else is thrown again", () => {
  const peers = new AppError("peer", "rtmp.bad-chunk");
  expect(expectPeerFault(peers)).toBe(peers);
  for (const other of [new AppError("bug", "amf0.key-too-long"), new TypeError("a bug"), "a text"]) {
    expect(isPeerFault(other)).toBe(false);
    expect(() => expectPeerFault(other)).toThrow();
  }
});

test("the system's error codes are read from errors alone", () => {
  expect(errorCodeOf(Object.assign(new Error("gone"), { code: "ENOENT" }))).toBe("ENOENT");
  expect(errorCodeOf(new Error("gone"))).toBeUndefined();
  expect(errorCodeOf({ code: "ENOENT" })).toBeUndefined();
});
