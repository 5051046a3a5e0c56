import { statSync } from "node:fs";
import type { LoadedConfig } from "./load-config.ts";
import { ConfigRefused } from "./load-config.ts";

export type WatchedUsersOptions = {
  /** The settings file; undefined where there is none, and nothing to watch. */
  readonly path: string | undefined;
  readonly first: Pick<LoadedConfig, "config">;
  readonly load: () => Pick<LoadedConfig, "config">;
  readonly nowMs: () => number;
  /** What keeps a changed file from being read; the users stay as they were. */
  readonly onRefused: (problem: string) => void;
};

const LOOK_EVERY_MS = 1_000;

/** The users of the settings file as it is now: looked at when they are asked for, once a second at most. */
export function watchUsers(options: WatchedUsersOptions): () => ReadonlyMap<string, string> {
  const { path, load, nowMs, onRefused } = options;
  let { users } = options.first.config;
  if (path === undefined) return () => users;
  let seen = stampOf(path);
  let lookedAtMs = nowMs();
  return () => {
    if (nowMs() - lookedAtMs < LOOK_EVERY_MS) return users;
    lookedAtMs = nowMs();
    const stamp = stampOf(path);
    if (stamp === seen) return users;
    seen = stamp;
    try {
      users = load().config.users;
    } catch (thrown) {
      if (!(thrown instanceof ConfigRefused)) throw thrown;
      onRefused(thrown.problems[0] ?? "");
    }
    return users;
  };
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}
