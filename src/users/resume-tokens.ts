import { createHmac } from "node:crypto";
import { areEqualSecrets } from "../secrets.ts";
import type { User } from "./directory.ts";

export type ResumeTokensOptions = {
  /** At least 32 bytes; whoever has it can make tokens. */
  readonly key: Uint8Array;
  readonly lifeMs: number;
  readonly clock: { wallMs(): number };
};

/** `nwxt1.<end of its life in seconds, base 36>.<HMAC-SHA256>` */
const TOKEN = /^nwxt1\.([0-9a-z]{1,9})\.([\w-]{43})$/;

/** In place of nobody's row: the look at a token takes the same time. */
const NOBODY: User = { name: "", secret: undefined, enabled: false };

/**
 * What a client that logged in may show in place of its password for some hours, so that registering again costs no hash.
 * Nothing is kept: a token holds until it ends, or the user's password changes, or the user is gone.
 */
export class ResumeTokens {
  readonly #options: ResumeTokensOptions;

  constructor(options: ResumeTokensOptions) {
    this.#options = options;
  }

  make(user: User): string {
    const { clock, lifeMs } = this.#options;
    const end = Math.ceil((clock.wallMs() + lifeMs) / 1000).toString(36);
    return `nwxt1.${end}.${this.#sign(user, end)}`;
  }

  isToken(password: string): boolean {
    return TOKEN.test(password);
  }

  /** Whether `password` is a token of this user that has not ended. */
  holds(password: string, user: User | undefined): boolean {
    const [, end = "", signature = ""] = TOKEN.exec(password) ?? [];
    const isRight = areEqualSecrets(signature, this.#sign(user ?? NOBODY, end));
    return isRight && user !== undefined && Number.parseInt(end, 36) * 1000 > this.#options.clock.wallMs();
  }

  #sign({ name, secret }: User, end: string): string {
    const signed = JSON.stringify([name, end, secret]);
    return createHmac("sha256", this.#options.key).update(signed).digest("base64url");
  }
}
