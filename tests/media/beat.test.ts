import { expect, test } from "bun:test";
import { createLogger, silentLogger } from "../../src/log.ts";
import { Beat } from "../../src/media/beat.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function start() {
  const clock = new FakeClock(0);
  return { clock, beat: new Beat(clock, silentLogger) };
}

test.each([10, 20, 30, 40, 50, 60])("every %d ms, from the first on", (periodMs) => {
  const { clock, beat } = start();
  const times: number[] = [];
  beat.add(periodMs, (dueCount) => {
    for (let count = 0; count < dueCount; count++) times.push(clock.passedMs);
  });
  clock.advance(6000);
  expect(times).toHaveLength(6000 / periodMs);
  expect(times[0]).toBeLessThanOrEqual(periodMs);
  expect(
    times
      .slice(1)
      .map((at, index) => at - (times[index] ?? 0))
      .every((gap) => gap === periodMs),
  ).toBe(true);
});

test("it tells how late it comes of late, and nothing while nobody needs it", () => {
  const { clock, beat } = start();
  const member = beat.add(20, () => {});
  clock.advance(2000);
  expect(beat.lateMs).toBe(0);
  for (let count = 0; count < 200; count++) {
    clock.skip(15);
    clock.advance(5);
  }
  expect(beat.lateMs).toBeGreaterThan(2);
  member.cancel();
  expect(beat.lateMs).toBe(0);
});

test("members of one period are spread", () => {
  const { clock, beat } = start();
  const counts = new Map<number, number>();
  for (let index = 0; index < 100; index++) {
    beat.add(20, () => counts.set(clock.passedMs, (counts.get(clock.passedMs) ?? 0) + 1));
  }
  clock.advance(40);
  expect([...counts]).toEqual([10, 20, 30, 40].map((atMs) => [atMs, 50]));
});

test("after a standstill each learns what it missed, and the grid stays", () => {
  const { clock, beat } = start();
  const calls: [number, number][] = [];
  beat.add(20, (dueCount) => void calls.push([clock.passedMs, dueCount]));
  clock.advance(45);
  clock.skip(103);
  clock.advance(40);
  const total = calls.reduce((sum, [, dueCount]) => sum + dueCount, 0);
  expect(total).toBe(9);
  expect(Math.max(...calls.map(([, dueCount]) => dueCount))).toBe(5);
  expect(calls.at(-1)?.[0]).toBe(180);
});

test("a failing member is logged and left out; the timer ends with the last", () => {
  const clock = new FakeClock(0);
  const lines: string[] = [];
  const beat = new Beat(clock, createLogger({ level: "info", write: (line) => void lines.push(line) }));
  let count = 0;
  beat.add(20, () => {
    throw new Error("broken");
  });
  const good = beat.add(20, () => void count++);
  clock.advance(200);
  expect([count, lines.length, beat.memberCount]).toEqual([10, 1, 1]);
  good.cancel();
  good.cancel();
  expect(clock.timerCount).toBe(0);
  beat.add(10, () => void count++).cancel();
  expect([beat.memberCount, clock.timerCount]).toEqual([0, 0]);
});

test("one step for all: each is due at the same time, and the log says whose sound failed", () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line), clock });
  const beat = new Beat(clock, log, 20);
  const heard: string[] = [];
  const fail = () => {
    throw new Error("a bug");
  };
  beat.add(20, fail, log.with({ call: "c1" }));
  const [one, two] = ["one", "two"].map((name) => beat.add(20, () => heard.push(name), log));
  expect(clock.timerCount).toBe(1);
  clock.advance(20);
  one?.cancel();
  clock.advance(20);
  two?.cancel();
  expect([heard, clock.timerCount]).toEqual([["one", "two", "two"], 0]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('error sound.failed call=c1 reason="a bug"');
});
