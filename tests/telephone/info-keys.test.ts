import { expect, test } from "bun:test";
import { InfoKeys } from "../../src/telephone/info-keys.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function start() {
  const clock = new FakeClock();
  const pressed: string[] = [];
  const keys = new InfoKeys(clock, (key) => void pressed.push(`${key} ${clock.nowMs()}`));
  return { clock, pressed, keys };
}

test("keys are pressed one after the other, whenever they come", () => {
  const { clock, pressed, keys } = start();
  const startMs = clock.nowMs();
  expect(keys.sendDigits("12")).toBe(2);
  clock.advance(100);
  expect(keys.sendDigits("3")).toBe(1);
  clock.advance(1000);
  keys.sendDigits("4");
  expect(pressed).toEqual([
    `1 ${startMs}`,
    `2 ${startMs + 160}`,
    `3 ${startMs + 320}`,
    `4 ${startMs + 1100}`,
  ]);
});

test("no more than 64 wait, and none after the end", () => {
  const { clock, pressed, keys } = start();
  expect(keys.sendDigits("1".repeat(100))).toBe(64);
  expect(keys.sendDigits("22")).toBe(1);
  keys.cancel();
  clock.advance(60_000);
  expect(pressed).toHaveLength(1);
});
