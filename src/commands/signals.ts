import { constants } from "node:os";

const ENDING_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Signals that end a process which does not catch them. Not among them: the signals of crashes, SIGQUIT, which asks for a
 * core dump, SIGPWR, which the runtime needs for itself, SIGPIPE and SIGXFSZ, which it ignores, SIGSTKFLT,
 * which it cannot catch, and SIGKILL.
 */
export const IGNORED_SIGNALS = [
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGVTALRM",
  "SIGPROF",
  "SIGIO",
  "SIGXCPU",
] as const;

type Signal = (typeof ENDING_SIGNALS)[number] | (typeof IGNORED_SIGNALS)[number];

/** The parts of `process` and `tty` that are needed. */
export type SignalSource = {
  on(signal: Signal, listener: () => void): unknown;
  exit(code: number): void;
  /** Whether standard error is a terminal that still stands. */
  hasTerminal(): boolean;
};

/** What a shell reports for a process that signal n ended is this plus n. */
const SIGNAL_EXIT_CODE = 128;

/**
 * Catches each signal that would end the process.
 * @param onIgnored gets the name of each signal that is not for ending
 * @returns the first signal that asks for the end: SIGTERM, SIGINT, or the SIGHUP of a terminal that was closed. A second
 * SIGTERM or SIGINT ends the process at once.
 */
export function catchSignals(source: SignalSource, onIgnored: (signal: string) => void): Promise<string> {
  const hadTerminal = source.hasTerminal();
  return new Promise((resolve) => {
    let draining = false;
    const end = (signal: Signal) => {
      draining = true;
      resolve(signal);
    };
    for (const signal of ENDING_SIGNALS) {
      source.on(signal, () => {
        if (draining) source.exit(SIGNAL_EXIT_CODE + constants.signals[signal]);
        end(signal);
      });
    }
    for (const signal of IGNORED_SIGNALS) {
      source.on(signal, () => {
        const isTerminalClosed = signal === "SIGHUP" && hadTerminal && !source.hasTerminal();
        if (isTerminalClosed) end(signal);
        else onIgnored(signal);
      });
    }
  });
}
