import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { readDatabaseTarget } from "../config/database-target.ts";
import type { LoadedConfig } from "../config/files/load-config.ts";
import { locateFiles } from "../config/files/locate-files.ts";
import { UserFile } from "../config/files/user-file.ts";
import { isUserName, USER_NAME_ALLOWED } from "../config/users.ts";
import { AppError, errorCodeOf, messageOf } from "../errors.ts";
import { hashPassword, isHash, kindOfSecret, MAX_PASSWORD_LENGTH } from "../users/passwords.ts";
import { SqlStore } from "../users/sql/sql-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { type Arguments, type Command, ExitCode, type Terminal } from "./command.ts";
import { CONFIG_OPTIONS, configFilesOf, loadConfigOrComplain } from "./config-options.ts";
import { createSecret } from "./create-secret.ts";

/** What an action needs of the world. */
type Scene = { readonly store: UserStore; readonly typed: Arguments; readonly terminal: Terminal };
type Action = (scene: Scene, name: string) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = {
  add: addUser,
  list: listUsers,
  remove: removeUser,
  passwd: changePassword,
  import: importUsers,
};

export const userCommand: Command = {
  name: "user",
  summary: "add, list, remove users, change a password, import; no restart is needed",
  positionals: ["ACTION", "[NAME]"],
  details: [
    ["add NAME", "adds a user; passwd NAME changes the password, remove NAME removes the user"],
    ["list", "shows the names, and whether the password is hashed"],
    [
      "import FILE",
      "adds a user for each line NAME,PASSWORD; passwords that are hashed stay so; - is standard input",
    ],
  ],
  notes: [
    "Users are kept in the database if use_db of [database] is on, else in [users] of the settings file.",
    "A password is made up and printed once, or read from standard input; it is stored as argon2id.",
  ],
  options: [
    ...CONFIG_OPTIONS,
    { name: "password-stdin", summary: "read the password from the first line of standard input" },
    { name: "plain", summary: "store passwords as they are, not hashed" },
  ],
  async run(typed, terminal) {
    const [name = "", about = ""] = typed.positionals;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined || (about === "") !== (name === "list")) {
      terminal.complain("nway-wx: user takes add NAME, list, remove NAME, passwd NAME or import FILE\n");
      return ExitCode.usage;
    }
    const loaded = loadConfigOrComplain(typed, terminal);
    const store = loaded && openStore(loaded, typed, terminal);
    if (store === undefined) return ExitCode.failed;
    try {
      return await action({ store, typed, terminal }, about);
    } catch (thrown) {
      if (!(thrown instanceof AppError) && errorCodeOf(thrown) === undefined) throw thrown;
      return fail(terminal, messageOf(thrown));
    } finally {
      if (store instanceof SqlStore) store[Symbol.dispose]();
    }
  },
};

function openStore(
  { config: { database, auth } }: LoadedConfig,
  typed: Arguments,
  terminal: Terminal,
): UserStore | undefined {
  if (auth.url !== undefined) {
    fail(terminal, "url of [auth] names a login service of your own: change its users there");
    return undefined;
  }
  if (database.use_db && database.db_query !== undefined) {
    fail(terminal, "db_query names a table of your own: change its users there");
    return undefined;
  }
  if (database.use_db) {
    const target = readDatabaseTarget(database.db_type, database.db_string);
    if (typeof target !== "string") return new SqlStore(target, systemClock);
  }
  const { ini } = locateFiles(configFilesOf(typed), terminal.cwd);
  if (ini !== undefined) return new UserFile(resolve(terminal.cwd, ini));
  fail(terminal, "there is no settings file: write one with nway-wx init DIR, or set use_db of [database]");
  return undefined;
}

async function addUser({ store, typed, terminal }: Scene, name: string): Promise<number> {
  if (!isUserName(name)) return fail(terminal, `a name is ${USER_NAME_ALLOWED}`);
  const password = await readPassword(typed, terminal);
  if (password === undefined) return ExitCode.failed;
  if (!(await store.add(name, await seal(password.text, typed)))) {
    return fail(
      terminal,
      `there is a user ${name} already; change the password with: nway-wx user passwd ${name}`,
    );
  }
  return done(terminal, `${name} is added`, password.told);
}

async function changePassword({ store, typed, terminal }: Scene, name: string): Promise<number> {
  const password = await readPassword(typed, terminal);
  if (password === undefined) return ExitCode.failed;
  const isThere = await store.setSecret(name, await seal(password.text, typed));
  if (!isThere) return fail(terminal, `there is no user ${JSON.stringify(name)}`);
  return done(terminal, `${name} has a new password`, password.told);
}

async function removeUser({ store, terminal }: Scene, name: string): Promise<number> {
  if (!(await store.remove(name))) return fail(terminal, `there is no user ${JSON.stringify(name)}`);
  return done(
    terminal,
    `${name} is removed; whoever is registered under it stays so until its connection ends`,
  );
}

async function listUsers({ store, terminal }: Scene): Promise<number> {
  const users = await store.list();
  terminal.print(users.map(([name, secret]) => `${name}  ${kindOfSecret(secret)}\n`).join(""));
  return ExitCode.ok;
}

async function importUsers({ store, typed, terminal }: Scene, file: string): Promise<number> {
  const text = file === "-" ? await terminal.readInput() : readFileSync(resolve(terminal.cwd, file), "utf8");
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));
  const meant = lines.filter(({ line }) => line !== "" && !line.startsWith("#"));
  const wrong = meant.find(({ line }) => readPair(line) === undefined);
  if (wrong !== undefined) {
    return fail(
      terminal,
      `line ${wrong.number} is not NAME,PASSWORD; nothing was imported (a name is ${USER_NAME_ALLOWED})`,
    );
  }
  let addedCount = 0;
  for (const { line } of meant) {
    const { name, password } = readPair(line) ?? { name: "", password: "" };
    if (await store.add(name, await seal(password, typed))) addedCount += 1;
  }
  return done(
    terminal,
    `added ${addedCount}, there already and left as they are ${meant.length - addedCount}`,
  );
}

function readPair(line: string): { name: string; password: string } | undefined {
  const comma = line.indexOf(",");
  const [name, password] = [line.slice(0, comma), line.slice(comma + 1)];
  return comma > 0 && isUserName(name) && isFit(password) ? { name, password } : undefined;
}

type Password = { readonly text: string /** For whoever typed the command, once. */; readonly told?: string };

const PASSWORD_BYTES = 12;

async function readPassword({ options }: Arguments, terminal: Terminal): Promise<Password | undefined> {
  if (!options.has("password-stdin")) {
    const text = createSecret(PASSWORD_BYTES);
    return { text, told: `password: ${text}` };
  }
  const text = (await terminal.readInput()).split(/\r?\n/, 1)[0] ?? "";
  if (isFit(text)) return { text };
  fail(
    terminal,
    `the first line of standard input must be a password of 1 to ${MAX_PASSWORD_LENGTH} characters`,
  );
  return undefined;
}

function isFit(password: string): boolean {
  return /^\P{Cc}+$/u.test(password) && password.length <= MAX_PASSWORD_LENGTH;
}

async function seal(password: string, { options }: Arguments): Promise<string> {
  return options.has("plain") || isHash(password) ? password : await hashPassword(password);
}

function done(terminal: Terminal, ...lines: (string | undefined)[]): number {
  terminal.print(
    lines
      .filter((line) => line !== undefined)
      .map((line) => `${line}\n`)
      .join(""),
  );
  return ExitCode.ok;
}

function fail(terminal: Terminal, why: string): number {
  terminal.complain(`nway-wx: ${why}\n`);
  return ExitCode.failed;
}
