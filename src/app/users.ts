import type { Clock } from "../clock.ts";
import { readDatabaseTarget } from "../config/database-target.ts";
import type { Config } from "../config/schema.ts";
import { AppError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Directory } from "../users/directory.ts";
import { chainDirectories } from "../users/directory-chain.ts";
import { createIniDirectory, type NamedSecrets } from "../users/ini-directory.ts";
import { Login } from "../users/login.ts";
import { isHash, PasswordChecks } from "../users/passwords.ts";
import { ResumeTokens } from "../users/resume-tokens.ts";
import { SqlDirectory } from "../users/sql/sql-directory.ts";
import { openTokenKey } from "../users/token-key.ts";
import { Webhook } from "../users/webhook.ts";

export type Users = Disposable & {
  readonly directory: Directory;
  readonly login: Login;
  /** Why the database or the login service cannot be asked at present; undefined while it can. */
  readonly problem: string | undefined;
};

const HOUR_MS = 3_600_000;

/**
 * Who may register: whom the operator's own service knows, if there is one; else the users of the database, if there is one,
 * then those of `[users]`.
 * @param readNamed the users of the settings file as it is now
 */
export function openUsers(config: Config, readNamed: () => NamedSecrets, clock: Clock, log: Logger): Users {
  const { auth } = config;
  const passwords = new PasswordChecks();
  const onHashes = () => passwords.expectHashes();
  const key = openTokenKey(auth.key_file);
  const webhook = openWebhook(config, clock, log);
  const database = webhook === undefined ? openDatabase(config, onHashes, clock, log) : undefined;
  const kept = [
    ...(database === undefined ? [] : [database]),
    createIniDirectory(noticeHashes(readNamed, onHashes)),
  ];
  const directory = webhook ?? chainDirectories(kept);
  const tokens = new ResumeTokens({ key, lifeMs: auth.token_hours * HOUR_MS, clock });
  const login = new Login({ directory, passwords, tokens, webhook, clock });
  return {
    directory,
    login,
    get problem() {
      return (webhook ?? database)?.problem;
    },
    [Symbol.dispose]: () => database?.[Symbol.dispose](),
  };
}

/** Looks through the users whenever the settings file has changed. */
function noticeHashes(read: () => NamedSecrets, onHashes: () => void): () => NamedSecrets {
  let seen: NamedSecrets | undefined;
  return () => {
    const named = read();
    if (named !== seen && [...named.values()].some(isHash)) onHashes();
    seen = named;
    return named;
  };
}

function openWebhook({ auth: { url, secret } }: Config, clock: Clock, log: Logger): Webhook | undefined {
  return url === undefined || secret === undefined ? undefined : new Webhook({ url, secret, clock, log });
}

function openDatabase(
  { database }: Config,
  onHashes: () => void,
  clock: Clock,
  log: Logger,
): SqlDirectory | undefined {
  if (!database.use_db) return undefined;
  const target = readDatabaseTarget(database.db_type, database.db_string);
  if (typeof target === "string") throw new AppError("config", "users.bad-db-string", { problem: target });
  return new SqlDirectory({ target, query: database.db_query, onHashes, clock, log });
}
