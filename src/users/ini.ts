import { areEqualSecrets } from "../secrets.ts";
import type { UserDirectory } from "./directory.ts";

/** The users of the `[users]` section: `users` maps names to passwords. */
export function createIniDirectory(
  users: Iterable<readonly [name: string, password: string]>,
): UserDirectory {
  const passwords = new Map(users);
  return {
    verify(user, password) {
      const known = passwords.get(user);
      const isRight = areEqualSecrets(password, known ?? "");
      return isRight && known !== undefined;
    },
    has: (user) => passwords.has(user),
  };
}
