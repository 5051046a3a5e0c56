import { apiCommand } from "./api.ts";
import { checkConfigCommand } from "./check-config.ts";
import { type Command, ExitCode, type Terminal } from "./command.ts";
import { createHelpCommand, describeCommand, describeProgram } from "./help.ts";
import { initCommand } from "./init.ts";
import { licencesCommand } from "./licences.ts";
import { parseArguments } from "./parse-arguments.ts";
import { probeCommand } from "./probe.ts";
import { serveCommand } from "./serve.ts";
import { userCommand } from "./user.ts";
import { versionCommand } from "./version.ts";

/** The first one is what runs when none is named. */
const WORKING = [
  serveCommand,
  checkConfigCommand,
  initCommand,
  probeCommand,
  apiCommand,
  userCommand,
  licencesCommand,
  versionCommand,
];
const COMMANDS: readonly Command[] = [...WORKING, createHelpCommand(WORKING)];

/** Runs what the arguments after the program's name ask for; resolves to the exit code. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  // What people type to any program.
  const wanted = argv.length === 1 && argv[0] === "--version" ? [versionCommand.name] : argv;
  const parsed = parseArguments(wanted, COMMANDS);
  if ("problem" in parsed) {
    terminal.complain(`nway-wx: ${parsed.problem}\nsee: nway-wx --help\n`);
    return ExitCode.usage;
  }
  if ("helpAbout" in parsed) {
    terminal.print(
      parsed.helpAbout === undefined ? describeProgram(COMMANDS) : describeCommand(parsed.helpAbout),
    );
    return ExitCode.ok;
  }
  return await parsed.command.run(parsed.typed, terminal);
}
