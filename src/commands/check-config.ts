import type { LoadedConfig } from "../config/files/load-config.ts";
import { isSecret, keyTables } from "../config/keys.ts";
import { BUILT_IN } from "../config/reading.ts";
import { type Command, ExitCode } from "./command.ts";
import { CONFIG_OPTIONS, listProblems, loadConfigOrComplain } from "./config-options.ts";
import { checkKeyPair } from "./key-pair-check.ts";
import { readWelcomeClip } from "./welcome-clip.ts";

export const checkConfigCommand: Command = {
  name: "check-config",
  summary: "check the configuration and show the values that apply, secrets masked",
  positionals: [],
  options: CONFIG_OPTIONS,
  async run(typed, terminal) {
    const loaded = loadConfigOrComplain(typed, terminal);
    if (loaded === undefined) return ExitCode.failed;
    const badFiles = [
      ...loaded.missingFiles,
      ...readWelcomeClip(loaded, terminal.cwd).problems,
      ...checkKeyPair(loaded, terminal.cwd),
    ];
    terminal.complain(listProblems([...badFiles, ...loaded.warnings]));
    if (badFiles.length > 0) return ExitCode.failed;
    terminal.print(describeConfig(loaded));
    return ExitCode.ok;
  },
};

function describeConfig(loaded: LoadedConfig): string {
  const sources = loaded.sources.map((source) => `  ${source}\n`).join("");
  const sections = [...loaded.effective.keys()].map((section) => describeSection(section, loaded));
  return `OK\nread, the strongest first:\n${sources}${sections.join("")}`;
}

function describeSection(section: string, { effective }: LoadedConfig): string {
  const entries = effective.get(section);
  const keys = new Set([...(keyTables.get(section)?.keys() ?? []), ...(entries?.keys() ?? [])]);
  const lines = [...keys].map((key) => {
    const entry = entries?.get(key);
    const text = entry?.text ?? keyTables.get(section)?.get(key)?.fallback ?? "";
    const shown = isSecret(section, key) && text !== "" ? MASK : text;
    return `${`${key}=${shown}`.padEnd(ORIGIN_COLUMN)}  # ${entry?.origin ?? BUILT_IN}\n`;
  });
  return lines.length === 0 ? "" : `\n[${section}]\n${lines.join("")}`;
}

const MASK = "********";
const ORIGIN_COLUMN = 40;
