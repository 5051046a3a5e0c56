import { expect, test } from "bun:test";
import { FairIntake } from "../../../src/servers/tcp/fair-intake.ts";
import { Turns } from "../../../src/servers/tcp/turns.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

const SLICE = 1000;
const OPTIONS = { turnMs: 5, restMs: 10, sliceBytes: SLICE };

function makeScene(costMs: number) {
  const clock = new FakeClock();
  const turns = new Turns(clock, OPTIONS);
  const open = () => {
    const handed: Uint8Array[] = [];
    const calls: string[] = [];
    const socket = { pause: () => calls.push("pause"), resume: () => calls.push("resume") };
    const intake = new FairIntake(socket, turns, (bytes) => {
      handed.push(bytes);
      clock.skip(costMs);
    });
    return { handed, calls, intake };
  };
  return { clock, turns, open, ...open() };
}

function count(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at);
}

test("hands on in slices without a pause what costs little", () => {
  const { handed, calls, intake } = makeScene(0);
  intake.push(count(3 * SLICE + 1));
  expect(handed.map(({ length }) => length)).toEqual([SLICE, SLICE, SLICE, 1]);
  expect(Buffer.concat(handed)).toEqual(Buffer.from(count(3 * SLICE + 1)));
  expect(calls).toEqual([]);
});

test("pauses when the turn is used up, and loses no byte and no order", () => {
  const { clock, handed, calls, intake } = makeScene(3);
  const bytes = count(5 * SLICE);
  intake.push(bytes.subarray(0, 4 * SLICE));
  expect(handed).toHaveLength(2);
  expect(calls).toEqual(["pause"]);
  intake.push(bytes.subarray(4 * SLICE));
  expect(handed).toHaveLength(2);
  // 6 ms of a turn of 5 cost a rest of 12
  clock.advance(11);
  expect(handed).toHaveLength(2);
  clock.advance(1);
  expect(handed).toHaveLength(4);
  clock.advance(12);
  expect(Buffer.concat(handed)).toEqual(Buffer.from(bytes));
  expect(calls).toEqual(["pause", "resume"]);
  expect(clock.timerCount).toBe(0);
});

test("many that are dear get no more together than one, and each gets its share", () => {
  const { clock, open } = makeScene(5);
  const peers = Array.from({ length: 60 }, open);
  for (const { intake } of peers) intake.push(count(2 * SLICE));
  const handedCount = () => peers.reduce((sum, { handed }) => sum + handed.length, 0);
  expect(handedCount()).toBe(1);
  for (let turn = 2; turn <= 120; turn++) {
    clock.advance(10);
    expect(handedCount()).toBe(turn);
  }
  expect(peers.filter(({ handed }) => handed.length === 2)).toHaveLength(60);
  expect(clock.timerCount).toBe(0);
});

test("who comes last is served soon, however many wait, and who has much does not wait for ever", () => {
  const { clock, open } = makeScene(5);
  const [busy, ...crowd] = Array.from({ length: 60 }, open);
  busy?.intake.push(count(10 * SLICE));
  for (const { intake } of crowd) intake.push(count(SLICE));
  clock.advance(20);
  const newcomer = open();
  newcomer.intake.push(count(SLICE));
  clock.advance(20);
  expect(newcomer.handed).toHaveLength(1);
  clock.advance(1_000);
  expect(busy?.handed).toHaveLength(10);
});

test("moves to other turns with what waits", () => {
  const { clock, handed, intake } = makeScene(5);
  intake.push(count(2 * SLICE));
  intake.turns = new Turns(clock, { ...OPTIONS, restMs: 0 });
  clock.advance(0);
  expect(handed).toHaveLength(2);
  expect(clock.timerCount).toBe(0);
});

test("hands nothing on once it is closed, in the middle of a turn too", () => {
  const { clock, handed, intake } = makeScene(3);
  intake.push(count(4 * SLICE));
  intake.close();
  intake.push(count(1));
  clock.advance(1000);
  expect(handed).toHaveLength(2);
  expect(clock.timerCount).toBe(0);
});

test("hands on what was there already when its peer is gone", () => {
  const { clock, handed, intake } = makeScene(3);
  let doneCount = 0;
  const done = () => void doneCount++;
  intake.push(count(4 * SLICE));
  intake.finish(done);
  // In its turns: others go on.
  expect([handed.length, doneCount]).toEqual([2, 0]);
  clock.advance(1_000);
  expect(Buffer.concat(handed)).toEqual(Buffer.from(count(4 * SLICE)));
  expect([doneCount, clock.timerCount]).toEqual([1, 0]);
  intake.finish(done);
  expect(doneCount).toBe(2);
});

test("drops what has come, frees its memory, and reads on", () => {
  const { clock, handed, calls, intake } = makeScene(3);
  const bytes = count(40 * SLICE);
  intake.push(bytes);
  expect(calls).toEqual(["pause"]);
  intake.drop();
  expect(calls).toEqual(["pause", "resume"]);
  expect(bytes.length).toBe(0);
  clock.advance(1000);
  intake.push(count(1));
  expect(handed).toHaveLength(3);
  expect(clock.timerCount).toBe(0);
});

test("whoever is dropped while its bytes are handed on loses the rest of them", () => {
  const clock = new FakeClock();
  let handedCount = 0;
  const socket = { pause: () => undefined, resume: () => undefined };
  const intake = new FairIntake(socket, new Turns(clock, OPTIONS), () => {
    handedCount += 1;
    intake.drop();
  });
  const bytes = count(40 * SLICE);
  intake.push(bytes);
  expect([handedCount, bytes.length]).toEqual([1, 0]);
});

test("a piece of those whose bytes are dear becomes small, and of those whose bytes are cheap large", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock, { turnMs: 8, restMs: 1, sliceBytes: 16_384, pieceMs: 1 });
  const open = (msPerKilobyte: number) => {
    const lengths: number[] = [];
    const socket = { pause() {}, resume() {} };
    const intake = new FairIntake(socket, turns, (bytes) => {
      lengths.push(bytes.length);
      clock.skip((bytes.length / 1024) * msPerKilobyte);
    });
    return { intake, lengths };
  };
  const cheap = open(0.01);
  cheap.intake.push(new Uint8Array(100_000));
  expect(cheap.lengths.slice(0, 5)).toEqual([2048, 4096, 8192, 16_384, 16_384]);
  const dear = open(3);
  dear.intake.push(new Uint8Array(100_000));
  clock.advance(100);
  expect([dear.lengths.slice(0, 4), dear.lengths.at(-1)]).toEqual([[2048, 1024, 512, 256], 256]);
  // Each of its pieces is over soon, so that others come in between.
  cheap.lengths.length = 0;
  cheap.intake.push(new Uint8Array(1_000));
  clock.advance(2);
  expect(cheap.lengths).toEqual([1_000]);
});
