import { expect, test } from "bun:test";
import { Deadline } from "../../../src/servers/sip/deadline.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

function openDeadline() {
  const clock = new FakeClock(0);
  const ranAtMs: number[] = [];
  return { clock, ranAtMs, deadline: new Deadline(clock, () => void ranAtMs.push(clock.nowMs())) };
}

test("runs when it is due, once, with one timer", () => {
  const { clock, ranAtMs, deadline } = openDeadline();
  deadline.set(500);
  deadline.set(500);
  expect(clock.timerCount).toBe(1);
  clock.advance(2000);
  expect([ranAtMs, clock.timerCount]).toEqual([[500], 0]);
});

test("moves both ways, and to never", () => {
  const { clock, ranAtMs, deadline } = openDeadline();
  deadline.set(500);
  deadline.set(900);
  clock.advance(600);
  deadline.set(700);
  clock.advance(100);
  deadline.set(1000);
  deadline.set(Number.POSITIVE_INFINITY);
  expect(clock.timerCount).toBe(0);
  clock.advance(1000);
  expect(ranAtMs).toEqual([700]);
});

test("what is past is due at once, also the same again", () => {
  const { clock, ranAtMs, deadline } = openDeadline();
  clock.advance(100);
  deadline.set(50);
  clock.advance(0);
  deadline.set(50);
  clock.advance(0);
  expect(ranAtMs).toEqual([100, 100]);
  deadline.set(500);
  deadline[Symbol.dispose]();
  expect(clock.timerCount).toBe(0);
});
