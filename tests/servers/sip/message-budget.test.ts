import { expect, test } from "bun:test";
import { costOf, MessageBudget } from "../../../src/servers/sip/message-budget.ts";

const INVITE = { byteCount: 900, isNew: true };
const BYE = { byteCount: 400, isNew: false };

/** How many of `count` messages, evenly over `durationMs`, are read. */
function countRead(
  budget: MessageBudget,
  { count = 0, durationMs = 0, fromMs = 0, isKnown = false, cost = INVITE, source = (_: number) => "a" },
): number {
  let read = 0;
  for (let index = 0; index < count; index++) {
    const nowMs = fromMs + (durationMs * index) / count;
    if (budget.take(source(index), isKnown, cost, nowMs)) read++;
  }
  return read;
}

test.each([
  ["a stranger", false, 1150],
  ["a known source", true, 13_200],
])("%s has a burst, and then a rate", (_, isKnown, most) => {
  const read = countRead(new MessageBudget(), { count: 71_000, durationMs: 10_000, isKnown });
  expect(read).toBeGreaterThan(most * 0.9);
  expect(read).toBeLessThanOrEqual(most);
});

test("a flood of one leaves the others theirs", () => {
  const budget = new MessageBudget();
  countRead(budget, { count: 70_000, durationMs: 10_000 });
  expect(budget.take("b", false, INVITE, 10_000)).toBe(true);
  expect(budget.take("c", true, INVITE, 10_000)).toBe(true);
});

test("what goes on gets through where nothing new does", () => {
  const budget = new MessageBudget();
  countRead(budget, { count: 7000, durationMs: 1000 });
  expect([budget.take("a", false, INVITE, 1000), budget.take("a", false, BYE, 1000)]).toEqual([false, true]);
});

test("strangers from ever other ports have one budget, which is not that of known sources", () => {
  const budget = new MessageBudget();
  const read = countRead(budget, { count: 71_000, durationMs: 10_000, source: (index) => `p${index}` });
  expect(read).toBeGreaterThan(5000);
  expect(read).toBeLessThanOrEqual(5500);
  expect(budget.take("known", true, INVITE, 10_000)).toBe(true);
});

test("a long message costs as many as it has KiB", () => {
  const cost = { byteCount: 60_000, isNew: true };
  expect(countRead(new MessageBudget(), { count: 3000, durationMs: 10_000, cost })).toBeLessThan(20);
});

test.each([
  ["INVITE sip:a@b SIP/2.0", true],
  ["OPTIONS sip:a@b SIP/2.0", true],
  ["x", true],
  ["", true],
  ["SIP/2.0 200 OK", false],
  ["ACK sip:a@b SIP/2.0", false],
  ["BYE sip:a@b SIP/2.0", false],
  ["CANCEL sip:a@b SIP/2.0", false],
  ["UPDATE sip:a@b SIP/2.0", false],
  ["INFO sip:a@b SIP/2.0", false],
])("%p is told by its first bytes", (text, isNew) => {
  expect(costOf(new TextEncoder().encode(text))).toEqual({ byteCount: text.length, isNew });
});

test("a source that has become known is heard at once", () => {
  const budget = new MessageBudget();
  countRead(budget, { count: 200 });
  expect([budget.take("a", false, INVITE, 0), budget.take("a", true, INVITE, 0)]).toEqual([false, true]);
});
