import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AppError, errorCodeOf } from "../../errors.ts";
import { findWarnings } from "../checks.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { readIni } from "../ini.ts";
import type { Effective, Reading } from "../reading.ts";
import { resolveConfig } from "../resolve.ts";
import type { Config } from "../schema.ts";
import { readXml } from "../xml.ts";
import { type FileNames, isFile, locateFiles } from "./locate-files.ts";

export type LoadOptions = FileNames & { readonly cwd: string; readonly env: Environment };

export type LoadedConfig = {
  readonly config: Config;
  /** What was read, the strongest first; names only. */
  readonly sources: readonly string[];
  /** True when there is no file at all: loopback only, with the manual's sample users. */
  readonly embedded: boolean;
  /** One line each. */
  readonly warnings: readonly string[];
  /** Files that the configuration names and that are not there; one line each. */
  readonly missingFiles: readonly string[];
  readonly effective: Effective;
};

/** The configuration is not usable; `problems` says why, one line each, without any secret. */
export class ConfigRefused extends AppError {
  constructor(readonly problems: readonly string[]) {
    super("config", "config.refused", { problems: problems.length, first: problems[0] });
  }
}

const MAX_INI_BYTES = 4 * 1024 * 1024;
const MAX_XML_BYTES = 256 * 1024;

/**
 * Built-in values < XML < INI < environment.
 * @throws ConfigRefused with everything that is wrong, not only the first
 */
export function loadConfig({ cwd, env, ...names }: LoadOptions): LoadedConfig {
  const { ini, xml } = locateFiles(names, cwd);
  const embedded = ini === undefined && xml === undefined;
  const environment = readEnvironment(env);
  const readings: Reading[] = [
    ...(xml === undefined ? [] : [readFile(xml, cwd, MAX_XML_BYTES, readXml)]),
    ...(ini === undefined ? [] : [readFile(ini, cwd, MAX_INI_BYTES, readIni)]),
    environment,
  ];
  const resolved = resolveConfig(readings, embedded);
  if ("problems" in resolved) throw new ConfigRefused(resolved.problems);
  return {
    ...resolved,
    sources: [
      ...environment.entries.map(({ origin }) => origin),
      ...(ini === undefined ? [] : [ini]),
      ...(xml === undefined ? [] : [xml]),
      "built-in values",
    ],
    embedded,
    warnings: findWarnings(resolved.config, resolved.effective),
    missingFiles: findMissingFiles(resolved.effective, cwd),
  };
}

function readFile(
  name: string,
  cwd: string,
  maxBytes: number,
  read: (text: string, file: string) => Reading,
): Reading {
  const refuse = (what: string): Reading => ({ entries: [], problems: [`${name}: ${what}`] });
  const path = resolve(cwd, name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    return refuse(explainReadFailure(thrown));
  }
  if (bytes.length > maxBytes) return refuse(`${bytes.length} bytes long, allowed are at most ${maxBytes}`);
  const text = decodeUtf8(bytes);
  return text === undefined ? refuse("not UTF-8 text; save it as UTF-8") : read(text, name);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function explainReadFailure(thrown: unknown): string {
  const code = errorCodeOf(thrown);
  if (code === "ENOENT") return "no such file; name another, or write new ones with: nway-wx init DIR";
  if (code === "EACCES") return "not readable for this user; mind its owner and mode";
  if (code === "EISDIR") return "a folder; name the file in it";
  return `not readable (${code ?? String(thrown)})`;
}

function findMissingFiles(effective: Effective, cwd: string): string[] {
  return ["welcome_wav", "welcome_h264"].flatMap((key) => {
    const entry = effective.get("server")?.get(key);
    if (entry === undefined || isFile(resolve(cwd, entry.text))) return [];
    return [`${entry.origin}: [server] ${key}: there is no file ${entry.text}`];
  });
}
