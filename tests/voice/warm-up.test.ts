import { expect, test } from "bun:test";
import type { Clock, Timer } from "../../src/clock.ts";
import { WarmUp } from "../../src/voice/warm-up.ts";

/** Time goes on by `stepMs` whenever it is asked; the test runs what waits. */
function startClock(stepMs: number) {
  let nowMs = 0;
  let askedCount = 0;
  const waiting: { readonly delayMs: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    nowMs() {
      askedCount++;
      nowMs += stepMs;
      return nowMs;
    },
    wallMs: () => 0,
    after(delayMs, run): Timer {
      const entry = { delayMs, run };
      waiting.push(entry);
      return { cancel: () => void waiting.splice(waiting.indexOf(entry), 1) };
    },
    every() {
      throw new Error("not needed");
    },
    timerCount: 0,
  };
  return { clock, waiting, askedCount: () => askedCount };
}

test("a thread works a little at a time, and then lets others work", () => {
  const { clock, waiting, askedCount } = startClock(1);
  const warmUp = new WarmUp(clock);
  for (let slice = 0; slice < 3; slice++) {
    const before = askedCount();
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([20]);
    waiting.pop()?.run();
    // Once for the end of the slice, then after each packet, 1 ms later each time.
    expect(askedCount() - before).toBe(5);
  }
  expect(warmUp.isOver).toBe(false);
});

test("it ends when there is something to do", () => {
  const { clock, waiting } = startClock(1);
  const warmUp = new WarmUp(clock);
  waiting.pop()?.run();
  warmUp.stop();
  expect(waiting).toEqual([]);
  expect(warmUp.isOver).toBe(true);
});

test("it ends by itself, after four minutes of sound", () => {
  const { clock, waiting, askedCount } = startClock(0.01);
  const warmUp = new WarmUp(clock);
  for (let slice = waiting.pop(); slice !== undefined; slice = waiting.pop()) slice.run();
  expect(warmUp.isOver).toBe(true);
  expect(askedCount()).toBeGreaterThan(12_000);
  expect(askedCount()).toBeLessThan(12_100);
}, 30_000);
