import { expect, test } from "bun:test";
import { Deadline } from "../../../src/servers/sip/deadline.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

function openDeadline() {
  const clock = new FakeClock(0);
  const ranAtMs: number[] = [];
  const deadline = new Deadline(clock, () => void ranAtMs.push(clock.passedMs));
  const setAt = (passedMs: number) => deadline.set(clock.startMs + passedMs);
  return { clock, ranAtMs, deadline, setAt };
}

test("runs when it is due, once, with one timer", () => {
  const { clock, ranAtMs, setAt } = openDeadline();
  setAt(500);
  setAt(500);
  expect(clock.timerCount).toBe(1);
  clock.advance(2000);
  expect([ranAtMs, clock.timerCount]).toEqual([[500], 0]);
});

test("moves both ways, and to never", () => {
  const { clock, ranAtMs, deadline, setAt } = openDeadline();
  setAt(500);
  setAt(900);
  clock.advance(600);
  setAt(700);
  clock.advance(100);
  setAt(1000);
  deadline.set(Number.POSITIVE_INFINITY);
  expect(clock.timerCount).toBe(0);
  clock.advance(1000);
  expect(ranAtMs).toEqual([700]);
});

test("what is past is due at once, also the same again", () => {
  const { clock, ranAtMs, deadline, setAt } = openDeadline();
  clock.advance(100);
  setAt(50);
  clock.advance(0);
  setAt(50);
  clock.advance(0);
  expect(ranAtMs).toEqual([100, 100]);
  setAt(500);
  deadline[Symbol.dispose]();
  expect(clock.timerCount).toBe(0);
});
