import { keyTables } from "./keys.ts";
import { BUILT_IN, type Entry } from "./reading.ts";

/** The manual's two sample users. */
export const SAMPLE_PASSWORD = "1234";
export const SAMPLE_USERS = ["lihao", "nway"] as const;

const EVERYWHERE = "0.0.0.0:";

/** A built-in address as it is without any file: reachable from this machine only. */
export function toLoopback(fallback: string): string {
  return fallback.startsWith(EVERYWHERE) ? `127.0.0.1:${fallback.slice(EVERYWHERE.length)}` : fallback;
}

/** What applies when there is no file at all: the built-in values on loopback. */
export function embeddedAddresses(): Entry[] {
  return [...keyTables].flatMap(([section, keys]) =>
    [...keys]
      .filter(([, { fallback }]) => toLoopback(fallback) !== fallback)
      .map(([key, { fallback }]) => ({ section, key, text: toLoopback(fallback), origin: BUILT_IN })),
  );
}

export function embeddedUsers(): Entry[] {
  return SAMPLE_USERS.flatMap((name, index) => [
    { section: "users", key: `user${index + 1}`, text: name, origin: BUILT_IN },
    { section: "users", key: `password${index + 1}`, text: SAMPLE_PASSWORD, origin: BUILT_IN },
  ]);
}
