import { constants } from "node:os";
import { runCommand } from "./commands/run.ts";

const ENDING_SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** What a shell reports for a process that a signal ended. */
const SIGNAL_EXIT_CODE = 128;

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    let draining = false;
    for (const signal of ENDING_SIGNALS) {
      process.on(signal, () => {
        if (draining) process.exit(SIGNAL_EXIT_CODE + constants.signals[signal]);
        draining = true;
        resolve(signal);
      });
    }
  });
}

process.exitCode = await runCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  env: process.env,
  firstSignal,
});
