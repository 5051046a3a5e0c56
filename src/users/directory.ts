import { AppError } from "../errors.ts";

/** What is known at once, or what a database has yet to say. */
export type Answer<T> = T | Promise<T>;

/** One user as a directory keeps it. */
export type User = {
  readonly name: string;
  /** The password, plain or hashed; undefined where it has none, so that nobody gets in. */
  readonly secret: string | undefined;
  /** False: keeps its number, but may not register. */
  readonly enabled: boolean;
  /** Since 1970; may not register from then on. */
  readonly expiresAtMs?: number;
  /** What those whom it calls are shown in place of its name. */
  readonly displayName?: string;
  /** Where its calls go while it is not registered. */
  readonly forwardTo?: string;
  /** WeChat's name of the person. */
  readonly openid?: string;
  /** In place of `[calls] max_calls_per_user`. */
  readonly maxCalls?: number;
};

/** The users, wherever they are kept. */
export interface Directory {
  /**
   * The user of exactly this name. Throws, or rejects with, `users.unavailable` (environment) while it cannot be said.
   */
  find(name: string): Answer<User | undefined>;
}

/** What `use` makes of an answer: at once where it is known, so that nothing comes between. */
export function whenAnswered<T, Used>(answer: Answer<T>, use: (value: T) => Answer<Used>): Answer<Used> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}

const UNAVAILABLE = "users.unavailable";

/** `why` is for the log: a code, never what a database was told. */
export function unavailable(why: string): AppError {
  return new AppError("environment", UNAVAILABLE, { why });
}

export function isUnavailable(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && thrown.code === UNAVAILABLE;
}
