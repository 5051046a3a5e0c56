import { createHash, timingSafeEqual } from "node:crypto";
import type { UserDirectory } from "./directory.ts";

/** The users of the `[users]` section: `users` maps names to passwords. */
export function createIniDirectory(
  users: Iterable<readonly [name: string, password: string]>,
): UserDirectory {
  const digests = new Map([...users].map(([name, password]) => [name, digest(password)]));
  const nobody = digest("");
  return {
    verify(user, password) {
      const known = digests.get(user);
      const isRight = timingSafeEqual(digest(password), known ?? nobody);
      return isRight && known !== undefined;
    },
    has: (user) => digests.has(user),
  };
}

/** Digests have one length, which the comparison needs. */
function digest(password: string): Uint8Array {
  return createHash("sha256").update(password).digest();
}
