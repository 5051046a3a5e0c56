import { expect, test } from "bun:test";
import { type Command, ExitCode } from "../../src/commands/command.ts";
import { parseArguments } from "../../src/commands/parse-arguments.ts";

const run = async () => ExitCode.ok;
const FILE = { name: "config", value: "FILE", summary: "" };
const COMMANDS: readonly Command[] = [
  { name: "serve", summary: "", positionals: [], options: [FILE], run },
  { name: "init", summary: "", positionals: ["DIR"], options: [], run },
  { name: "probe", summary: "", positionals: [], options: [FILE, { name: "json", summary: "" }], run },
  { name: "help", summary: "", positionals: ["[COMMAND]"], options: [], run },
];

const RIGHT: [argv: string[], command: string, positionals: string[], options: Record<string, string>][] = [
  [[], "serve", [], {}],
  [["serve"], "serve", [], {}],
  [["--config", "a"], "serve", [], { config: "a" }],
  [["--config=-a"], "serve", [], { config: "-a" }],
  [["--config", "a", "serve"], "serve", [], { config: "a" }],
  [["probe", "--json", "--config", "a"], "probe", [], { json: "", config: "a" }],
  [["init", "a"], "init", ["a"], {}],
  [["init", "--", "-a"], "init", ["-a"], {}],
  [["help"], "help", [], {}],
  [["help", "init"], "help", ["init"], {}],
];
test.each(RIGHT)("%j is understood", (argv, name, positionals, options) => {
  const parsed = parseArguments(argv, COMMANDS);
  if (!("command" in parsed)) throw new Error(JSON.stringify(parsed));
  expect(parsed.command.name).toBe(name);
  expect(parsed.typed.positionals).toEqual(positionals);
  expect(Object.fromEntries(parsed.typed.options)).toEqual(options);
});

const HELP: [argv: string[], about: string | undefined][] = [
  [["--help"], undefined],
  [["-h"], undefined],
  [["init", "-h"], "init"],
  [["--help", "init"], "init"],
  [["probe", "--json", "--help"], "probe"],
];
test.each(HELP)("%j asks for help", (argv, about) => {
  const parsed = parseArguments(argv, COMMANDS);
  expect("helpAbout" in parsed && parsed.helpAbout?.name).toBe(about);
});

const WRONG: [argv: string[], problem: string][] = [
  [["serv"], 'unknown command "serv"; did you mean serve?'],
  [["constructor"], 'unknown command "constructor"'],
  [["--confg", "a"], "unknown option --confg; did you mean --config?"],
  [["-c", "a"], "unknown option -c"],
  [["probe", "--jsn"], "unknown option --jsn; did you mean --json?"],
  [["serve", "--json"], "serve has no option --json; it takes --help, --config"],
  [["serve", "x"], 'serve does not take "x"'],
  [["init"], "init needs DIR"],
  [["init", "a", "b"], 'init does not take "b"'],
  [["--config"], "--config needs a value: --config FILE"],
  [["--config="], "--config needs a value: --config FILE"],
  [["--config", "--help=x"], "--config needs a value: --config FILE"],
  [["--config", "a", "--config", "b"], "--config is given twice"],
  [["probe", "--json=yes"], "--json takes no value"],
  [["--__proto__"], "unknown option --__proto__"],
];
test.each(WRONG)("%j is refused", (argv, problem) => {
  expect(parseArguments(argv, COMMANDS)).toEqual({ problem });
});
