import { expect, test } from "bun:test";
import type { Call } from "../../src/calls/call.ts";
import { LiveCalls } from "../../src/calls/live-calls.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

/** As far as the lists look at one. */
function makeCall(callId: string, sessionid: string, caller: string, callee?: string): Call {
  const call = { setup: { callId, sessionid }, caller: { user: caller }, callee: { user: callee } };
  return call as unknown as Call;
}

test("calls are found by id, and by user and session, until they end", () => {
  const clock = new FakeClock();
  const live = new LiveCalls(clock);
  // Two who have nothing to do with each other choose the same session.
  const first = makeCall("c1", "s", "lihao", "nway");
  const second = makeCall("c2", "s", "wang");
  const third = makeCall("c3", "t", "lihao");
  for (const call of [first, second, third]) live.add(call);
  expect([live.get("c1"), live.get("c2"), live.get("c4")]).toEqual([first, second, undefined]);
  expect(live.find("lihao", "s")).toBe(first);
  expect(live.find("nway", "s")).toBe(first);
  expect(live.find("wang", "s")).toBe(second);
  expect(live.find("lihao", "t")).toBe(third);
  expect(live.find("wang", "t")).toBeUndefined();
  expect([live.countOf("lihao"), live.countOf("nway"), live.countOf("nobody")]).toEqual([2, 1, 0]);
  expect([live.isCalling("lihao", "nway"), live.isCalling("nway", "lihao")]).toEqual([true, false]);

  live.remove(first);
  expect([live.get("c1"), live.find("lihao", "s"), live.find("nway", "s")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([live.isOpen("s"), live.countOf("lihao"), live.countOf("nway")]).toEqual([true, 1, 0]);
  live.remove(second);
  expect([live.isOpen("s"), live.isOpen("t"), live.size]).toEqual([false, true, 1]);
  live.remove(third);
  expect([live.isOpen("t"), live.size, clock.timerCount]).toEqual([false, 0, 0]);
});
