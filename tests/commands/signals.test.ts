import { expect, test } from "bun:test";
import { catchSignals, IGNORED_SIGNALS } from "../../src/commands/signals.ts";

function createSource(terminal: { stands: boolean } = { stands: false }) {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  const ignored: string[] = [];
  const source = {
    on: (name: string, listener: () => void) => listeners.set(name, listener),
    exit: (code: number) => exits.push(code),
    hasTerminal: () => terminal.stands,
  };
  const ending = catchSignals(source, (signal) => ignored.push(signal));
  return { ending, exits, ignored, raise: (signal: string) => listeners.get(signal)?.() };
}

const ROWS: [first: string, second: string, exitCode: number][] = [
  ["SIGTERM", "SIGTERM", 143],
  ["SIGTERM", "SIGINT", 130],
  ["SIGINT", "SIGINT", 130],
];
test.each(ROWS)("after %s, %s ends the process", async (first, second, exitCode) => {
  const { ending, exits, raise } = createSource();
  raise(first);
  expect(await ending).toBe(first);
  expect(exits).toEqual([]);
  raise(second);
  expect(exits).toEqual([exitCode]);
});

test.each([...IGNORED_SIGNALS])(
  "%s is reported, and neither ends nor counts as the first",
  async (signal) => {
    const { ending, exits, ignored, raise } = createSource({ stands: true });
    raise(signal);
    raise(signal);
    expect(ignored).toEqual([signal, signal]);
    raise("SIGTERM");
    expect(await ending).toBe("SIGTERM");
    expect(exits).toEqual([]);
  },
);

test("a SIGHUP ends where the terminal was closed, once, and is no second signal", async () => {
  const terminal = { stands: true };
  const { ending, exits, ignored, raise } = createSource(terminal);
  terminal.stands = false;
  raise("SIGHUP");
  raise("SIGHUP");
  expect(await ending).toBe("SIGHUP");
  expect({ exits, ignored }).toEqual({ exits: [], ignored: [] });
  raise("SIGINT");
  expect(exits).toEqual([130]);
});
