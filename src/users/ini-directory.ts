import type { Directory } from "./directory.ts";

/** Names and their passwords, plain or hashed. */
export type NamedSecrets = ReadonlyMap<string, string>;

/**
 * The users of the `[users]` section.
 * @param read those of the settings file as it is now; asked each time, so it answers from memory while nothing changed
 */
export function createIniDirectory(read: () => NamedSecrets): Directory {
  return {
    find(name) {
      const secret = read().get(name);
      return secret === undefined ? undefined : { name, secret, enabled: true };
    },
  };
}
