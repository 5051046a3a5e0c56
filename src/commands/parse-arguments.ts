import { parseArgs } from "node:util";
import { suggest } from "../config/nearest.ts";
import type { Arguments, Command, Option } from "./command.ts";

export type Parsed =
  | { readonly command: Command; readonly typed: Arguments }
  /** Help was asked for: about one command, or about all. */
  | { readonly helpAbout: Command | undefined }
  | { readonly problem: string };

type Token = ReturnType<typeof parseTokens>[number];

const HELP = { name: "help", short: "h" } as const;

/** Without a command the first of `commands` is meant. */
export function parseArguments(argv: readonly string[], commands: readonly Command[]): Parsed {
  const tokens = parseTokens(argv, commands);
  const [name, ...positionals] = tokens.flatMap((token) =>
    token.kind === "positional" ? [token.value] : [],
  );
  const command = name === undefined ? commands[0] : commands.find((known) => known.name === name);
  // Before the command: the value of an option that nobody knows looks like one.
  const unknown = findUnknownOption(tokens, command === undefined ? commands : [command], commands);
  if (unknown !== undefined) return { problem: unknown };
  if (command === undefined) {
    const names = commands.map((known) => known.name);
    return { problem: `unknown command ${JSON.stringify(name)}${suggest(name ?? "", names)}` };
  }
  if (tokens.some((token) => token.kind === "option" && token.name === HELP.name)) {
    return { helpAbout: name === undefined ? undefined : command };
  }
  const problem = checkPositionals(command, positionals) ?? checkOptions(command, tokens);
  if (problem !== undefined) return { problem };
  return { command, typed: { positionals, options: collectOptions(tokens) } };
}

function findUnknownOption(
  tokens: readonly Token[],
  likely: readonly Command[],
  commands: readonly Command[],
): string | undefined {
  const known = new Set([HELP, ...commands.flatMap(({ options }) => options)].map(({ name }) => name));
  const unknown = tokens.find((token) => token.kind === "option" && !known.has(token.name));
  if (unknown?.kind !== "option") return undefined;
  return `unknown option ${unknown.rawName}${suggest(unknown.rawName, listOptions(likely))}`;
}

function listOptions(commands: readonly Command[]): string[] {
  return [HELP, ...commands.flatMap(({ options }) => options)].map(({ name }) => `--${name}`);
}

function parseTokens(argv: readonly string[], commands: readonly Command[]) {
  const known = commands.flatMap((command) => command.options);
  const declared = known.map(
    ({ name, value }) => [name, { type: value === undefined ? "boolean" : "string" } as const] as const,
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...Object.fromEntries(declared), [HELP.name]: { type: "boolean", short: HELP.short } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function checkPositionals(
  { name, positionals: declared }: Command,
  given: readonly string[],
): string | undefined {
  const extra = given[declared.length];
  if (extra !== undefined) return `${name} does not take ${JSON.stringify(extra)}`;
  const missing = declared[given.length];
  return missing === undefined || missing.startsWith("[") ? undefined : `${name} needs ${missing}`;
}

function checkOptions(command: Command, tokens: readonly Token[]): string | undefined {
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const problem = checkOption(command, token, seen.has(token.name));
    if (problem !== undefined) return problem;
    seen.add(token.name);
  }
  return undefined;
}

function checkOption(
  command: Command,
  token: Extract<Token, { kind: "option" }>,
  again: boolean,
): string | undefined {
  const option = command.options.find((known) => known.name === token.name);
  if (option === undefined) {
    return `${command.name} has no option ${token.rawName}; it takes ${listOptions([command]).join(", ")}`;
  }
  if (again) return `${token.rawName} is given twice`;
  return checkValue(option, token.value, token.inlineValue === true);
}

function checkValue(
  { name, value: wanted }: Option,
  given: string | undefined,
  inline: boolean,
): string | undefined {
  if (wanted === undefined) return given === undefined ? undefined : `--${name} takes no value`;
  // A value that begins with a dash is more likely the next option; --name=-value is meant.
  const missing = given === undefined || given === "" || (given.startsWith("-") && !inline);
  return missing ? `--${name} needs a value: --${name} ${wanted}` : undefined;
}

function collectOptions(tokens: readonly Token[]): Map<string, string> {
  return new Map(
    tokens.flatMap((token) => (token.kind === "option" ? [[token.name, token.value ?? ""]] : [])),
  );
}
