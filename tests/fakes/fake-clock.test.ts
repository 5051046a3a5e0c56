import { expect, test } from "bun:test";
import { FakeClock } from "./fake-clock.ts";

test("runs what is due, in order, at its own time", () => {
  const clock = new FakeClock(0);
  const seen: string[] = [];
  const note = (name: string) => () => void seen.push(`${name}@${clock.passedMs}`);
  clock.after(30, note("c"));
  clock.after(10, note("a"));
  const tick = clock.every(20, note("tick"));
  clock.advance(45);
  expect(seen).toEqual(["a@10", "tick@20", "c@30", "tick@40"]);
  expect(clock.passedMs).toBe(45);
  expect(clock.timerCount).toBe(1);
  tick.cancel();
  tick.cancel();
  expect(clock.timerCount).toBe(0);
});

test("timers made by timers run within the same advance", () => {
  const clock = new FakeClock(0);
  let ranAtMs = -1;
  clock.after(5, () =>
    clock.after(5, () => {
      ranAtMs = clock.passedMs;
    }),
  );
  clock.advance(10);
  expect(ranAtMs).toBe(10);
});
