import { ENVIRONMENT_PREFIX } from "../config/environment.ts";
import { INI_NAME, SEARCH_FOLDERS, XML_NAME } from "../config/files/locate-files.ts";
import { type Command, ExitCode, type Option } from "./command.ts";

/** `help` itself is part of what it shows. */
export function createHelpCommand(others: readonly Command[]): Command {
  const helpCommand: Command = {
    name: "help",
    summary: "show this text, or what COMMAND takes",
    positionals: ["[COMMAND]"],
    options: [],
    async run({ positionals: [name] }, terminal) {
      const command = all.find((known) => known.name === name);
      if (name !== undefined && command === undefined) {
        terminal.complain(`nway-wx: there is no command ${JSON.stringify(name)}\n`);
        return ExitCode.usage;
      }
      terminal.print(command === undefined ? describeProgram(all) : describeCommand(command));
      return ExitCode.ok;
    },
  };
  const all = [...others, helpCommand];
  return helpCommand;
}

export function describeProgram(commands: readonly Command[]): string {
  return `\
nway-wx: calls between WeChat mini-programs and telephones.

usage: nway-wx [COMMAND] [OPTIONS]

commands:
${commands.map((command) => row(usage(command), command.summary)).join("")}
options:
${renderOptions(commands)}
files, the first folder that has one of them:
${SEARCH_FOLDERS.map((folder) => row(`${folder}/`, `${INI_NAME} and ${XML_NAME}`)).join("")}\
${row("none of them", "built-in values: this machine only, sample users lihao and nway")}
environment, stronger than the files:
${row(`${ENVIRONMENT_PREFIX}<SECTION>_<KEY>`, `as in ${ENVIRONMENT_PREFIX}SERVER_ADDR=127.0.0.1:18123 for addr of [server]`)}
signals, while serving:
${row("SIGTERM, SIGINT", "the first ends calls in order and stops, the second stops at once")}\
${row("SIGHUP, SIGUSR1, …", "logged and ignored: to read changed settings, restart")}
exit codes:
${row("0", "done; the probe is green")}${row("1", "refused settings, an address that is taken, a red probe, a call that cannot be made")}${row("2", "wrong usage")}`;
}

export function describeCommand(command: Command): string {
  const { summary, details = [], notes = [], options } = command;
  const tail = options.length === 0 ? "" : " [OPTIONS]";
  return [
    `usage: nway-wx ${usage(command)}${tail}\n\n${summary}\n`,
    details.length === 0 ? "" : `\n${details.map(([name, text]) => row(name, text)).join("")}`,
    notes.length === 0 ? "" : `\n${notes.join("\n")}\n`,
    options.length === 0 ? "" : `\noptions:\n${options.map(renderOption).join("")}`,
  ].join("");
}

function usage({ name, positionals }: Command): string {
  return [name, ...positionals].join(" ");
}

/** The options of all commands, each said once with the commands that take it. */
function renderOptions(commands: readonly Command[]): string {
  const takers = new Map<Option, string[]>();
  for (const { name, options } of commands) {
    for (const option of options) takers.set(option, [...(takers.get(option) ?? []), name]);
  }
  const rows = [...takers].map(([option, names]) =>
    renderOption({ ...option, summary: `${option.summary} (${names.join(", ")})` }),
  );
  return rows.join("") + row("-h, --help", "show this text; after a command, what it takes");
}

function renderOption({ name, value, summary }: Option): string {
  return row(value === undefined ? `--${name}` : `--${name} ${value}`, summary);
}

const TERM_COLUMN = 24;

function row(term: string, text: string): string {
  return `  ${term.padEnd(TERM_COLUMN)} ${text}\n`;
}
