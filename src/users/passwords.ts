import { areEqualSecrets } from "../secrets.ts";
import { type Answer, unavailable, whenAnswered } from "./directory.ts";
import { FairQueue } from "./fair-queue.ts";

/** OWASP's least for argon2id: 19 MiB, two passes. */
const HASHING = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** Of no password that anybody knows, and as costly as one of ours. */
const HASH_OF_NOTHING =
  "$argon2id$v=19$m=19456,t=2,p=1$cthLNLYGC0uVkG6v1Ex+TXQorJR+1HvTaN81/0rg/B0$tz5snoL33L6gMU7qOGdMzLGciiMES+olegjlN7QD7V8";
const HASH = /^\$(?:argon2(?:id|i|d)|2[aby])\$/;

/** More at once would take the processor from live calls, and 19 MiB each. */
const AT_ONCE = 2;
/** That may wait; those from one network have their own limit, so that no stranger fills it alone. */
const QUEUE_LIMITS = { atOnce: AT_ONCE, perKey: 64, inAll: 512 };
/** Longer ones are wrong; bcrypt looks at 72 bytes only. */
export const MAX_PASSWORD_LENGTH = 200;
/** Verified in place of one that is empty or too long, for the time that it takes. */
const UNFIT_PASSWORD = "-";

/** Whether this is a hash that can be verified, and no password to compare with. */
export function isHash(secret: string): boolean {
  return HASH.test(secret);
}

/** `argon2id`, `bcrypt` and so on; `plain` for what is no hash. */
export function kindOfSecret(secret: string): string {
  const [, argon2] = /^\$(argon2(?:id|i|d))\$/.exec(secret) ?? [];
  return argon2 ?? (isHash(secret) ? "bcrypt" : "plain");
}

/** argon2id, as this program stores passwords; takes about 50 ms beside the main thread. */
export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password, HASHING);
}

/**
 * Compares passwords. As soon as hashes are in use every comparison costs one, for plain passwords and for unknown users
 * too, so that time tells nobody who is a user.
 */
export class PasswordChecks {
  readonly #queue = new FairQueue(QUEUE_LIMITS);
  #dummy: string | undefined;

  /** Hashes are in use, before one has been seen. */
  expectHashes(): void {
    this.#dummy ??= HASH_OF_NOTHING;
  }

  /**
   * @param secret plain or hashed; undefined for nobody, which takes the same time
   * @param from what shares a place in the queue, such as a network
   * @throws `users.unavailable`, or rejects with it, when too many wait
   */
  check(password: string, secret: string | undefined, from: string): Answer<boolean> {
    if (secret !== undefined && isHash(secret)) {
      this.#dummy = secret;
      return this.#verify(password, secret, from);
    }
    const isRight = areEqualSecrets(password, secret ?? "") && secret !== undefined;
    if (this.#dummy === undefined) return isRight;
    return whenAnswered(this.#verify(password, this.#dummy, from), () => isRight);
  }

  async #verify(password: string, hash: string, from: string): Promise<boolean> {
    const isFit = password.length > 0 && password.length <= MAX_PASSWORD_LENGTH;
    const outcome = this.#queue.run(from, () => verifyHash(isFit ? password : UNFIT_PASSWORD, hash));
    if (outcome === undefined) throw unavailable("too many logins at once");
    return (await outcome) && isFit;
  }
}

/** False too for a hash that is damaged. */
async function verifyHash(password: string, hash: string): Promise<boolean> {
  try {
    return await Bun.password.verify(password, hash);
  } catch {
    return false;
  }
}
