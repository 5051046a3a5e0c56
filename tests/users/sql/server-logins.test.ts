import { afterAll, describe, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../src/clock.ts";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { readDatabaseTarget } from "../../../src/config/database-target.ts";
import { createLogger } from "../../../src/log.ts";
import { SqlDirectory } from "../../../src/users/sql/sql-directory.ts";
import { createFolder } from "../../config/folder.ts";
import { OWN_HOST, startMariadb, startPostgresql, type TestDatabase } from "../../peers/databases.ts";
import { requirePrograms } from "../../peers/programs.ts";

setDefaultTimeout(60_000);

const WORD = "of-the-user";
/** Who may come in how, by the name of the user; all others by scram-sha-256. */
const HBA = `
hostnossl all by_tls all reject
host all by_md5 all md5
host all by_word all password`;

const own = await createSelfSigned([OWN_HOST], Date.now());
const ofOthers = await createSelfSigned([OWN_HOST], Date.now());
const misnamed = await createSelfSigned(["db.example"], Date.now());
const folder = createFolder({
  "own.crt": own.cert,
  "others.crt": ofOthers.cert,
  "misnamed.crt": misnamed.cert,
});
afterAll(() => folder[Symbol.dispose]());

const FOUND = "found";
/** What is asked of the server and of its certificate, and what comes of it: the user, or a sentence in the log. */
type Row = readonly [user: string, options: string, outcome: string];

const CERTIFICATES: readonly Row[] = [
  ["by_tls", "sslmode=require", FOUND],
  ["by_tls", "sslrootcert=own.crt", FOUND],
  ["by_tls", "sslmode=require sslrootcert=own.crt", FOUND],
  ["by_tls", "sslmode=verify-ca", "vouches for the server's certificate"],
  ["by_tls", "sslmode=verify-full", "vouches for the server's certificate"],
  ["by_tls", "sslmode=verify-full sslrootcert=others.crt", "vouches for the server's certificate"],
  ["by_tls", "sslrootcert=none.crt", "sslrootcert names cannot be read"],
];

const POSTGRESQL: readonly Row[] = [
  ["by_scram", "", FOUND],
  ["by_scram", "sslmode=require", FOUND],
  ["by_md5", "", FOUND],
  ["by_md5", "sslmode=require", FOUND],
  ["by_word", "", FOUND],
  ["by_tls", "", "sslmode=require"],
  ["nobody", "", "wrong user or password"],
  ...CERTIFICATES,
];

const MARIADB: readonly Row[] = [
  ["by_native", "", FOUND],
  ["by_native", "sslmode=require", FOUND],
  ["by_ed25519", "", "such as ed25519: use mysql_native_password"],
  ["by_ed25519", "sslmode=require", "such as ed25519: use mysql_native_password"],
  ["by_socket", "", "give it a password"],
  ["by_tls", "", "sslmode=require"],
  ["nobody", "", "wrong user or password"],
  ...CERTIFICATES,
];

async function fillPostgresql(database: TestDatabase): Promise<void> {
  for (const user of ["by_scram", "by_word", "by_tls"])
    await database.run(`create user ${user} password '${WORD}'`);
  await database.run("set password_encryption = 'md5'");
  await database.run(`create user by_md5 password '${WORD}'`);
  await fill(database);
  await database.run("grant select on wx_user to public");
}

async function fillMariadb(database: TestDatabase): Promise<void> {
  await database.run("install soname 'auth_ed25519'");
  for (const how of [
    `by_native@'%' identified via mysql_native_password using password('${WORD}')`,
    `by_ed25519@'%' identified via ed25519 using password('${WORD}')`,
    "by_socket@'%' identified via unix_socket",
    `by_tls@'%' identified by '${WORD}' require ssl`,
  ]) {
    await database.run(`create user ${how}`);
    await database.run(`grant select on nway.* to ${how.split(" ")[0]}`);
  }
  await fill(database);
}

async function fill(database: TestDatabase): Promise<void> {
  await database.run("create table wx_user(user_name varchar(64), password varchar(64))");
  await database.run("insert into wx_user values ('lihao', '1234')");
}

const SERVERS = [
  ["PostgreSQL", requirePrograms("postgresql"), startPostgresql, fillPostgresql, POSTGRESQL],
  ["MariaDB", requirePrograms("mariadb"), startMariadb, fillMariadb, MARIADB],
] as const;

describe.each(SERVERS)("%s", (_, testWith, start, prepare, rows) => {
  let database: TestDatabase | undefined;
  const open = async () => {
    if (database !== undefined) return database;
    database = await start({ tls: own, hba: HBA });
    await prepare(database);
    return database;
  };
  afterAll(() => database?.[Symbol.asyncDispose]());

  for (const [user, options, outcome] of rows) {
    testWith(
      `lets ${user} in, or says what is to be done: ${options || "without TLS"}: ${outcome}`,
      async () => {
        const { settings } = await open();
        expect(await look(settings, user, options)).toContain(outcome);
      },
    );
  }
});

describe.each(SERVERS)("%s with a certificate for another name", (_, testWith, start, prepare, _rows) => {
  testWith("is not believed", async () => {
    await using database = await start({ tls: misnamed, hba: HBA });
    await prepare(database);
    expect(await look(database.settings, "by_tls", "sslrootcert=misnamed.crt")).toContain(
      "is not for the host",
    );
    expect(await look(database.settings, "by_tls", "sslmode=require")).toContain(FOUND);
  });
});

/** `found`, or what the log says. */
async function look(
  { db_type, db_string }: TestDatabase["settings"],
  user: string,
  options: string,
): Promise<string> {
  const server = readDatabaseTarget(db_type, db_string);
  if (typeof server === "string" || server.kind === "sqlite") throw new Error("no server");
  const { host, port, database } = server;
  const more = options.replace(/sslrootcert=(\S+)/, (_, file) => `sslrootcert=${join(folder.path, file)}`);
  const target = readDatabaseTarget(
    db_type,
    `host=${host} port=${port} dbname=${database} user=${user} password=${WORD} ${more}`,
  );
  if (typeof target === "string") throw new Error(target);
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line) });
  using directory = new SqlDirectory({
    target,
    query: undefined,
    onHashes: () => {},
    clock: systemClock,
    log,
  });
  const found = await directory.find("lihao").catch(() => undefined);
  expect(lines.join("")).not.toContain(WORD);
  return found?.secret === "1234" ? FOUND : lines.join("");
}
