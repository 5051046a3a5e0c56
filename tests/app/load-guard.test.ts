import { expect, test } from "bun:test";
import { LoadGuard } from "../../src/app/load-guard.ts";
import { createLogger } from "../../src/log.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

/** @param share of a core that the process uses from now on */
function start(share = 0.6) {
  const clock = new FakeClock();
  const used = { share, cpuMs: 0, atMs: 0 };
  const voice = { lateMs: 0 };
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line.replace(/^\S+ /, "")) });
  const cpuMs = () => {
    used.cpuMs += used.share * (clock.passedMs - used.atMs);
    used.atMs = clock.passedMs;
    return used.cpuMs;
  };
  const guard = new LoadGuard({ voiceLateMs: () => voice.lateMs, cpuMs, clock, log });
  return { clock, voice, lines, guard, used };
}

test("calls are refused once packets are late for two seconds, until they are clearly in time again", () => {
  const { clock, voice, lines, guard } = start();
  clock.advance(1000);
  voice.lateMs = 5;
  clock.advance(1900);
  expect(guard.isOverloaded).toBe(false);
  clock.advance(150);
  expect(guard.isOverloaded).toBe(true);
  voice.lateMs = 2;
  clock.advance(5000);
  expect(guard.isOverloaded).toBe(true);
  voice.lateMs = 1.9;
  clock.advance(50);
  expect(guard.isOverloaded).toBe(false);
  expect(lines).toEqual([
    "warn overload loopLateMs=0 voiceLateMs=5\n",
    "info overload.over loopLateMs=0 voiceLateMs=2\n",
  ]);
});

test("what is late now and then refuses nobody", () => {
  const { clock, voice, guard } = start();
  for (let round = 0; round < 20; round++) {
    voice.lateMs = 30;
    clock.advance(1900);
    voice.lateMs = 1;
    clock.advance(100);
    expect(guard.isOverloaded).toBe(false);
  }
});

test("where others take the machine nobody is refused: it would help nobody", () => {
  const { clock, voice, guard } = start(0.4);
  voice.lateMs = 30;
  clock.advance(10_000);
  expect(guard.isOverloaded).toBe(false);
});

test("where others make packets late after the load is over, calls are taken again", () => {
  const { clock, voice, guard, used } = start();
  voice.lateMs = 5;
  clock.advance(2000);
  expect(guard.isOverloaded).toBe(true);
  used.share = 0.4;
  clock.advance(1950);
  expect(guard.isOverloaded).toBe(true);
  clock.advance(100);
  expect(guard.isOverloaded).toBe(false);
  clock.advance(10_000);
  expect(guard.isOverloaded).toBe(false);
  used.share = 0.6;
  clock.advance(4050);
  expect(guard.isOverloaded).toBe(true);
});

test("one pause of the main thread refuses nobody, a main thread that is late all the time does", () => {
  const { clock, guard } = start();
  clock.skip(400);
  clock.advance(1500);
  expect(guard.isOverloaded).toBe(false);
  for (let count = 0; count < 80; count++) {
    clock.skip(60);
    clock.advance(10);
  }
  expect(guard.lateMs.loop).toBeGreaterThan(5);
  expect(guard.isOverloaded).toBe(true);
});

test("without a voice thread calls are refused", () => {
  const { clock, voice, guard } = start();
  voice.lateMs = Number.POSITIVE_INFINITY;
  clock.advance(2100);
  expect(guard.isOverloaded).toBe(true);
});
