import type { Clock } from "../clock.ts";
import { type Answer, type Directory, isUnavailable, type User, whenAnswered } from "./directory.ts";
import type { PasswordChecks } from "./passwords.ts";
import type { ResumeTokens } from "./resume-tokens.ts";
import type { Webhook } from "./webhook.ts";

export type LoginOptions = {
  readonly directory: Directory;
  readonly passwords: PasswordChecks;
  readonly tokens: ResumeTokens;
  /** Judges passwords in place of ours; it is the directory then. */
  readonly webhook?: Pick<Webhook, "logIn"> | undefined;
  readonly clock: Pick<Clock, "wallMs">;
};

/** What a client shows. */
export type Credentials = {
  readonly user: string;
  /** Or a token that it was given. */
  readonly password: string;
  /** Those from one network wait for each other. */
  readonly network: string;
  readonly address: string;
  /** The user as it logged in before, while its registration lives: holds while the directory is unavailable. */
  readonly before: User | undefined;
};

export type Verdict =
  /** `token` may be shown in place of the password next time. */
  | { readonly kind: "admitted"; readonly user: User; readonly token: string }
  | { readonly kind: "refused" }
  /** Nobody can say now. */
  | { readonly kind: "unavailable" };

/** Judges who may register. */
export class Login {
  readonly #options: LoginOptions;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** Takes the same time for nobody as for a user; rejects only with bugs. */
  judge(credentials: Credentials): Answer<Verdict> {
    const { webhook, tokens } = this.#options;
    if (webhook !== undefined && !tokens.isToken(credentials.password)) {
      const found = webhook.logIn(credentials, credentials.network);
      return this.#orUnavailable(found.then((user) => this.#decide(user, user !== undefined)));
    }
    const found = this.#options.directory.find(credentials.user);
    if (!(found instanceof Promise)) return this.#orUnavailable(this.#compare(credentials, found));
    const known = found.catch((thrown: unknown) => {
      if (isUnavailable(thrown) && credentials.before !== undefined) return credentials.before;
      throw thrown;
    });
    return this.#orUnavailable(known.then((user) => this.#compare(credentials, user)));
  }

  #compare({ password, network }: Credentials, user: User | undefined): Answer<Verdict> {
    const { passwords, tokens } = this.#options;
    const isRight = tokens.isToken(password)
      ? tokens.holds(password, user)
      : passwords.check(password, user?.secret, network);
    return whenAnswered(isRight, (right) => this.#decide(user, right));
  }

  #decide(user: User | undefined, isRight: boolean): Verdict {
    const isAdmitted = isRight && user !== undefined && this.#mayEnter(user);
    return isAdmitted
      ? { kind: "admitted", user, token: this.#options.tokens.make(user) }
      : { kind: "refused" };
  }

  #mayEnter({ enabled, expiresAtMs = Number.POSITIVE_INFINITY }: User): boolean {
    return enabled && this.#options.clock.wallMs() < expiresAtMs;
  }

  #orUnavailable(verdict: Answer<Verdict>): Answer<Verdict> {
    if (!(verdict instanceof Promise)) return verdict;
    return verdict.catch((thrown: unknown) => {
      if (isUnavailable(thrown)) return { kind: "unavailable" };
      throw thrown;
    });
  }
}
