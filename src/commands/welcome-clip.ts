import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { LoadedConfig } from "../config/files/load-config.ts";
import { messageOf } from "../errors.ts";
import { decodeClip } from "../media/audio/clips/clip.ts";

export type WelcomeClip = {
  /** Undefined where there is none to play. */
  readonly samples?: Float32Array;
  /** Why the file that the configuration names is of no use; one line at most. A missing file is known already. */
  readonly problems: readonly string[];
};

const MAX_BYTES = 64 * 1024 * 1024;

/** The clip that `[server] welcome_wav` names. */
export function readWelcomeClip({ effective, missingFiles }: LoadedConfig, cwd: string): WelcomeClip {
  const entry = effective.get("server")?.get("welcome_wav");
  if (entry === undefined) return { problems: [] };
  const place = `${entry.origin}: [server] welcome_wav:`;
  if (missingFiles.some((line) => line.startsWith(place))) return { problems: [] };
  try {
    return { samples: decodeClip(readWhole(resolve(cwd, entry.text))), problems: [] };
  } catch (thrown) {
    return { problems: [`${place} ${entry.text} can't be played: ${messageOf(thrown)}`] };
  }
}

function readWhole(path: string): Uint8Array {
  const { size } = statSync(path);
  if (size > MAX_BYTES) throw new Error(`${size} bytes long, allowed are at most ${MAX_BYTES}`);
  return readFileSync(path);
}
