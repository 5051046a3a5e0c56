import { expect, test } from "bun:test";
import { firstSignal } from "../../src/commands/first-signal.ts";

const ROWS: [first: string, second: string, exitCode: number][] = [
  ["SIGTERM", "SIGTERM", 143],
  ["SIGTERM", "SIGINT", 130],
  ["SIGINT", "SIGINT", 130],
];
test.each(ROWS)("after %s, %s ends the process", async (first, second, exitCode) => {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  const signal = firstSignal({
    on: (name, listener) => listeners.set(name, listener),
    exit: (code) => exits.push(code),
  });
  listeners.get(first)?.();
  expect(await signal).toBe(first);
  expect(exits).toEqual([]);
  listeners.get(second)?.();
  expect(exits).toEqual([exitCode]);
});
