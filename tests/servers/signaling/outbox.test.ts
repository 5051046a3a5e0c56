import { expect, test } from "bun:test";
import { Outbox } from "../../../src/servers/signaling/outbox.ts";

const PROFILE = { version: "1.1", protoname: "rtmp", realm: "192.0.2.1" } as const;

test.each([
  ["bye", true],
  ["cancel", true],
  ["answer", false],
  ["invite", false],
  ["message", false],
] as const)("a client that has not answered %s is owed an ending: %p", (method, isOwed) => {
  const outbox = new Outbox();
  outbox.add({ method, sessionid: "s1", data: {} }, PROFILE);
  expect(outbox.hasEnding).toBe(isOwed);
  outbox.withdraw("s2", method);
  expect(outbox.hasEnding).toBe(isOwed);
  outbox.withdraw("s1", method);
  expect([outbox.hasEnding, outbox.size]).toEqual([false, 0]);
});
