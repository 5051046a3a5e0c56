import { expect, test } from "bun:test";
import { Lateness } from "../../src/media/lateness.ts";

function noteAll(count: number, lateMs: number, lateness = new Lateness()): Lateness {
  for (let index = 0; index < count; index++) lateness.note(lateMs, 10);
  return lateness;
}

test("what is late all the time counts in full, one long pause hardly", () => {
  expect(noteAll(300, 6).averageMs).toBeCloseTo(6, 1);
  expect(noteAll(1, 60).averageMs).toBeCloseTo(1.2, 5);
  expect(noteAll(300, 0, noteAll(300, 6)).averageMs).toBeLessThan(0.05);
});

test("what comes early is not late, and a period beyond the memory is all that counts", () => {
  expect(noteAll(100, -3).averageMs).toBe(0);
  const lateness = noteAll(300, 6);
  lateness.note(20, 10_000);
  expect(lateness.averageMs).toBe(20);
  lateness.forget();
  expect(lateness.averageMs).toBe(0);
});
