import { expect, test } from "bun:test";
import { PacedBell } from "../../src/voice/paced-bell.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

test("whoever was not called of late is called at once, others a little later", () => {
  const clock = new FakeClock();
  const calledAt: number[] = [];
  const bell = new PacedBell(clock, () => void calledAt.push(clock.passedMs));
  bell.ring();
  expect(calledAt).toEqual([0]);
  clock.advance(0.5);
  bell.ring();
  expect(calledAt).toEqual([0]);
  clock.advance(10);
  expect(calledAt).toEqual([0, 2]);
  bell.ring();
  expect(calledAt).toEqual([0, 2, 10.5]);
});
