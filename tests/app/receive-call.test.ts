import { expect, test } from "bun:test";
import { receiveCall } from "../../src/app/telephone.ts";
import { createLogger } from "../../src/log.ts";
import type { UserDirectory } from "../../src/users/directory.ts";
import { openDesk } from "../calls/desk.ts";
import { FakePhoneCall } from "../calls/fake-telephony.ts";

function receive(has: UserDirectory["has"]) {
  const { calls } = openDesk();
  const lines: string[] = [];
  const call = new FakePhoneCall("nobody");
  const log = createLogger({ level: "info", write: (line) => void lines.push(line.slice(25).trim()) });
  receiveCall(call, calls, { has, verify: () => false }, log);
  return { call, lines };
}

test.each([
  ["a user who is away", true, "USER_NOT_REGISTERED"],
  ["nobody", false, "UNALLOCATED_NUMBER"],
])("a telephone calls %s, by a directory that knows at once or later", async (_, isUser, refusal) => {
  expect(receive(() => isUser).call.refusal).toBe(refusal);
  const { call } = receive(() => Promise.resolve(isUser));
  expect(call.refusal).toBeUndefined();
  await Promise.resolve();
  await Promise.resolve();
  expect(call.refusal).toBe(refusal);
});

test("a directory that fails refuses the call and is logged", async () => {
  const { call, lines } = receive(() => Promise.reject(new Error("no database")));
  await Promise.resolve();
  await Promise.resolve();
  expect(call.refusal).toBe("SWITCH_CONGESTION");
  expect(lines).toEqual([expect.stringMatching(/telephone\.directory-failed .*no database/)]);
});
