import { constants } from "node:os";

const ENDING_SIGNALS = ["SIGTERM", "SIGINT"] as const;
type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** The part of `process` that is needed. */
export type SignalSource = {
  on(signal: EndingSignal, listener: () => void): unknown;
  exit(code: number): void;
};

/** What a shell reports for a process that signal n ended is this plus n. */
const SIGNAL_EXIT_CODE = 128;

/** Resolves to the first ending signal; the second one, of either kind, ends the process at once. */
export function firstSignal(source: SignalSource): Promise<string> {
  return new Promise((resolve) => {
    let draining = false;
    for (const signal of ENDING_SIGNALS) {
      source.on(signal, () => {
        if (draining) source.exit(SIGNAL_EXIT_CODE + constants.signals[signal]);
        draining = true;
        resolve(signal);
      });
    }
  });
}
