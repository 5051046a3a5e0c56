import { firstSignal } from "./commands/first-signal.ts";
import { runCommand } from "./commands/run.ts";
import { surviveBugs } from "./commands/survive-bugs.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  env: process.env,
  firstSignal: () => firstSignal(process),
  surviveBugs: (report) => surviveBugs(process, report),
});
