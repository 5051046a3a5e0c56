import { afterAll, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/clock.ts";
import { readDatabaseTarget } from "../../../src/config/database-target.ts";
import { createLogger } from "../../../src/log.ts";
import { SqlDirectory } from "../../../src/users/sql/sql-directory.ts";
import {
  DATABASE_PASSWORD,
  startMariadb,
  startPostgresql,
  startSqlite,
  type TestDatabase,
} from "../../peers/databases.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";

const HOMES = [
  ["SQLite", test, startSqlite, "user_name"],
  ["PostgreSQL", requirePrograms("postgresql"), startPostgresql, "user_name"],
  ["MariaDB", requirePrograms("mariadb"), startMariadb, "user_name(64)"],
] as const;

/** Each differs from `nway` in what some collation passes over. */
const LOOK_ALIKES = ["nway", "Nway", "NWAY", "nway ", " nway", "nw\u00e1y", "nwa\u0301y", "ｎｗａｙ", "nwаy"];
const HARMLESS = [
  "o'brien",
  "' or '1'='1",
  "a; drop table wx_user; --",
  "%",
  "_____",
  "\\",
  '"',
  "`",
  "?",
  "$1",
  "李浩",
  "😀",
  "1001",
];

describe.each(HOMES)("users in %s", (_, testWith, start, indexed) => {
  let started: Promise<TestDatabase> | undefined;
  const open = async (change: { query?: string } = {}) => {
    started ??= prepare(start);
    const database = await started;
    const { db_type, db_string } = database.settings;
    const target = readDatabaseTarget(db_type, db_string);
    if (typeof target === "string") throw new Error(target);
    const lines: string[] = [];
    let hashes = 0;
    const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
    const onHashes = () => void hashes++;
    const directory = new SqlDirectory({ target, query: change.query, onHashes, clock: systemClock, log });
    const hashCount = () => hashes;
    return { database, directory, lines, hashCount, [Symbol.dispose]: () => directory[Symbol.dispose]() };
  };
  afterAll(async () => {
    await (await started)?.[Symbol.asyncDispose]();
  });

  testWith("are found by their very names, whatever a collation thinks", async () => {
    using home = await open();
    const { database, directory } = home;
    for (const name of [...LOOK_ALIKES, ...HARMLESS]) await insert(database, name, `of ${name}`);
    for (const name of [...LOOK_ALIKES, ...HARMLESS]) {
      expect(await directory.find(name)).toEqual({ name, secret: `of ${name}`, enabled: true });
    }
    for (const name of ["nWay", "nway  ", "' or 1=1", "", "nway\u0000", "\ud800", "x".repeat(129)]) {
      expect(await directory.find(name)).toBeUndefined();
    }
  });

  testWith("of one name twice are kept out, and logged", async () => {
    using home = await open();
    await insert(home.database, "twice", "a");
    await insert(home.database, "twice", "b");
    expect(await home.directory.find("twice")).toMatchObject({ enabled: false });
    expect(home.lines.join("")).toContain("warn users.ambiguous user=twice");
  });

  testWith("are found by a statement of the operator's", async () => {
    using home = await open({
      query: "select login as user_name, pass as password from people where login = ?",
    });
    await home.database.run("create table people(login varchar(64), pass varchar(200))");
    await home.database.run("insert into people values ('emil', 'of emil')");
    expect(await home.directory.find("emil")).toMatchObject({ secret: "of emil" });
    expect(await home.directory.find("Emil")).toBeUndefined();
  });

  testWith("bring what further columns say; a change is seen soon, without a restart", async () => {
    using home = await open();
    const { database, directory } = home;
    await insert(database, "dora", "x");
    expect(await directory.find("dora")).toMatchObject({ enabled: true });
    for (const column of ["enabled smallint", "max_calls int", "display_name varchar(64)"]) {
      await database.run(`alter table wx_user add column ${column}`);
    }
    await database.run(
      "update wx_user set enabled = 0, max_calls = 3, display_name = '朵拉' where user_name = 'dora'",
    );
    const changed = await waitFor("the change", async () => {
      const user = await directory.find("dora").catch(() => undefined);
      return user?.enabled === false && user;
    });
    expect(changed).toMatchObject({ maxCalls: 3, displayName: "朵拉" });
  });

  testWith("without an index get advice, with one none; hashes are noticed", async () => {
    const advice = (lines: readonly string[]) => lines.filter((line) => line.includes("users.no-index"));
    using bare = await open();
    await waitFor(
      "the look at the table",
      () => bare.lines.length > 0 || bare.database.settings.db_type === "sqlite3",
    );
    const isOurs = bare.database.settings.db_type === "sqlite3";
    expect(advice(bare.lines)).toHaveLength(isOurs ? 0 : 1);
    expect(bare.hashCount()).toBe(0);
    if (!isOurs) {
      expect(advice(bare.lines)[0]).toContain(`create unique index wx_user_name on wx_user (${indexed})`);
      await bare.database.run(`create index wx_user_name on wx_user (${indexed})`);
    }
    await insert(bare.database, "hashed", "$argon2id$v=19$m=19456,t=2,p=1$xx$yy");
    using better = await open();
    await waitFor("the hashes", () => better.hashCount() > 0);
    await better.directory.find("nway");
    expect(advice(better.lines)).toEqual([]);
    expect(better.lines.join("")).not.toContain(DATABASE_PASSWORD);
  });
});

async function prepare(start: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await start();
  if (database.settings.db_type !== "sqlite3") {
    await database.run("create table wx_user(user_name text, password text)");
  }
  return database;
}

async function insert(database: TestDatabase, name: string, secret: string): Promise<void> {
  const places = database.settings.db_type === "postgresql" ? "$1, $2" : "?, ?";
  await database.run(`insert into wx_user(user_name, password) values (${places})`, [name, secret]);
}
