import { expect, test } from "bun:test";
import { createLogger } from "../../../src/log.ts";
import { BEAT_MS, Beat } from "../../../src/media/sound/beat.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

function openBeat() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line), clock });
  return { clock, lines, log, beat: new Beat(clock) };
}

test("there is one timer for all, and none for nobody", () => {
  const { clock, log, beat } = openBeat();
  const heard: string[] = [];
  const [one, two] = ["one", "two"].map((name) => beat.add(() => heard.push(name), log));
  expect(clock.timerCount).toBe(1);
  clock.advance(BEAT_MS);
  one?.cancel();
  one?.cancel();
  clock.advance(BEAT_MS);
  two?.cancel();
  expect([heard, clock.timerCount]).toEqual([["one", "two", "two"], 0]);
  beat.add(() => heard.push("three"), log);
  clock.advance(BEAT_MS);
  expect(heard.at(-1)).toBe("three");
});

test("one that fails is logged once and costs the others nothing", () => {
  const { clock, lines, log, beat } = openBeat();
  let count = 0;
  const fail = () => {
    throw new Error("a bug");
  };
  beat.add(fail, log.with({ call: "c1" }));
  beat.add(() => count++, log);
  clock.advance(5 * BEAT_MS);
  expect(count).toBe(5);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('error sound.failed call=c1 reason="a bug"');
});
