import { resolve } from "node:path";
import type { LoadedConfig } from "../config/files/load-config.ts";
import { BUILT_IN } from "../config/reading.ts";
import { readKeyPair } from "../servers/tls/key-pair.ts";

/** Why the certificate that `[tls]` names cannot be used: one line at most, with the place in the settings. */
export function checkKeyPair({ config: { tls }, effective }: LoadedConfig, cwd: string): string[] {
  if (tls.cert === undefined || tls.key === undefined) return [];
  const pair = readKeyPair({ cert: resolve(cwd, tls.cert), key: resolve(cwd, tls.key) });
  if (!("problem" in pair)) return [];
  const { file, problem } = pair;
  const origin = effective.get("tls")?.get(file)?.origin ?? BUILT_IN;
  return [`${origin}: [tls] ${file}: ${tls[file]}: ${problem}`];
}
