import { ConfigRefused, type LoadedConfig, loadConfig } from "../config/files/load-config.ts";
import type { FileNames } from "../config/files/locate-files.ts";
import type { Arguments, Option, Terminal } from "./command.ts";

export const CONFIG_OPTIONS: readonly Option[] = [
  { name: "config", value: "FILE", summary: "settings file (INI), and nway_wx.conf.xml beside it" },
  { name: "module-config", value: "FILE", summary: "module settings (XML), wherever they are" },
];

/** The files that the options name. */
export function configFilesOf({ options }: Arguments): FileNames {
  return { configFile: options.get("config"), moduleConfigFile: options.get("module-config") };
}

/** Loads the configuration that the options and the environment name; undefined after saying what is wrong with it. */
export function loadConfigOrComplain(typed: Arguments, terminal: Terminal): LoadedConfig | undefined {
  try {
    return loadConfig({ ...configFilesOf(typed), cwd: terminal.cwd, env: terminal.env });
  } catch (thrown) {
    if (!(thrown instanceof ConfigRefused)) throw thrown;
    terminal.complain(listProblems(thrown.problems));
    return undefined;
  }
}

const MAX_SHOWN = 50;

/** One line each; of very many the first ones. */
export function listProblems(problems: readonly string[]): string {
  const more = problems.length - MAX_SHOWN;
  const shown = problems.slice(0, MAX_SHOWN).map((problem) => `${problem}\n`);
  return shown.join("") + (more > 0 ? `and ${more} more\n` : "");
}
