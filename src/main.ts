import { isatty } from "node:tty";
import { boundLines } from "./commands/bounded-lines.ts";
import { runCommand } from "./commands/run.ts";
import { catchSignals } from "./commands/signals.ts";
import { surviveBugs } from "./commands/survive-bugs.ts";
import { errorCodeOf } from "./errors.ts";

const STANDARD_ERROR = 2;
const signals = {
  on: (signal: NodeJS.Signals, listener: () => void) => process.on(signal, listener),
  exit: (code: number) => process.exit(code),
  hasTerminal: () => isatty(STANDARD_ERROR),
};

// A reader that has seen enough, such as `less`, closes the pipe.
process.stdout.on("error", (thrown) => {
  if (errorCodeOf(thrown) !== "EPIPE") throw thrown;
});
process.exitCode = await runCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  complain: boundLines(process.stderr),
  readInput: () => Bun.stdin.text(),
  cwd: process.cwd(),
  env: process.env,
  catchSignals: (onIgnored) => catchSignals(signals, onIgnored),
  surviveBugs: (report) => surviveBugs(process, report),
});
