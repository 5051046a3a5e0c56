import { expect, test } from "bun:test";
import { FairIntake } from "../../../src/servers/tcp/fair-intake.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

const SLICE = 16 * 1024;

function makeScene(costMs: number) {
  const clock = new FakeClock();
  const handed: Uint8Array[] = [];
  const calls: string[] = [];
  const socket = { pause: () => calls.push("pause"), resume: () => calls.push("resume") };
  const intake = new FairIntake(socket, clock, (bytes) => {
    handed.push(bytes);
    clock.skip(costMs);
  });
  return { clock, handed, calls, intake };
}

function count(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at);
}

test("hands small pieces on at once, whatever they cost", () => {
  const { handed, calls, intake } = makeScene(100);
  intake.push(count(200));
  intake.push(count(SLICE));
  expect(handed.map(({ length }) => length)).toEqual([200, SLICE]);
  expect(calls).toEqual([]);
});

test("hands a large piece on in slices without a pause when they cost little", () => {
  const { handed, calls, intake } = makeScene(0);
  intake.push(count(3 * SLICE + 1));
  expect(Buffer.concat(handed)).toEqual(Buffer.from(count(3 * SLICE + 1)));
  expect(calls).toEqual([]);
});

test("lets others have their turn, and loses no byte and no order", () => {
  const { clock, handed, calls, intake } = makeScene(3);
  const bytes = count(5 * SLICE);
  intake.push(bytes.subarray(0, 4 * SLICE));
  expect(handed).toHaveLength(2);
  expect(calls).toEqual(["pause"]);
  intake.push(bytes.subarray(4 * SLICE));
  expect(handed).toHaveLength(2);
  clock.advance(0);
  expect(handed).toHaveLength(4);
  clock.advance(0);
  expect(Buffer.concat(handed)).toEqual(Buffer.from(bytes));
  expect(calls).toEqual(["pause", "pause", "resume"]);
  expect(clock.timerCount).toBe(0);
});

test("hands nothing on once it is closed, in the middle of a turn too", () => {
  const { clock, handed, intake } = makeScene(3);
  intake.push(count(4 * SLICE));
  intake.close();
  clock.advance(1000);
  expect(handed).toHaveLength(2);
  expect(clock.timerCount).toBe(0);
});

test("hands on what waits before it ends, and at once where nothing does", () => {
  const { clock, handed, calls, intake } = makeScene(3);
  const finished: number[] = [];
  intake.finish(() => finished.push(handed.length));
  expect(finished).toEqual([0]);
  intake.push(count(4 * SLICE));
  intake.finish(() => finished.push(handed.length));
  expect(finished).toEqual([0]);
  clock.advance(0);
  expect(finished).toEqual([0, 4]);
  expect(calls).toEqual(["pause"]);
});
