import { expect, test } from "bun:test";
import { PacedBell } from "../../src/voice/paced-bell.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

test.each([
  [0, 1],
  [10, 1],
  [80, 4],
  [160, 8],
  [1000, 8],
])("with %d lines the other thread is called at once, and again after %d ms", (lineCount, periodMs) => {
  const clock = new FakeClock();
  const calledAt: number[] = [];
  const bell = new PacedBell(
    clock,
    () => lineCount,
    () => void calledAt.push(clock.passedMs),
  );
  bell.ring();
  expect(calledAt).toEqual([0]);
  clock.advance(0.5);
  bell.ring();
  expect(calledAt).toEqual([0]);
  clock.advance(20);
  expect(calledAt).toEqual([0, periodMs]);
  bell.ring();
  expect(calledAt).toEqual([0, periodMs, 20.5]);
});
