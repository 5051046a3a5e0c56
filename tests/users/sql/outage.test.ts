import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "../../../src/clock.ts";
import { readDatabaseTarget } from "../../../src/config/database-target.ts";
import { createLogger } from "../../../src/log.ts";
import { isUnavailable } from "../../../src/users/directory.ts";
import { SqlDirectory } from "../../../src/users/sql/sql-directory.ts";
import { createFolder } from "../../config/folder.ts";
import { DATABASE_PASSWORD, DATABASE_SERVERS, type TestDatabase } from "../../peers/databases.ts";
import { waitFor } from "../../peers/wait.ts";

/** What the protocol promises. */
const PROMISED_MS = 700;
const USER_COUNT = 30_000;

function open({ db_type, db_string }: { db_type: "sqlite3" | "postgresql" | "mysql"; db_string: string }) {
  const target = readDatabaseTarget(db_type, db_string);
  if (typeof target === "string") throw new Error(target);
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const directory = new SqlDirectory({
    target,
    query: undefined,
    onHashes: () => {},
    clock: systemClock,
    log,
  });
  let asked = 0;
  /** Another name each time: none is remembered. */
  const ask = async () => {
    const name = `user${asked++ % USER_COUNT}`;
    const startedMs = performance.now();
    const outcome = await directory.find(name).then(
      (user) => (user?.secret === `of ${name}` ? "found" : "wrong"),
      (thrown: unknown) => (isUnavailable(thrown) ? "unavailable" : "thrown"),
    );
    return { outcome, tookMs: performance.now() - startedMs };
  };
  return { directory, ask, lines, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

type Home = ReturnType<typeof open>;

/** Many at once, all of which must be answered alike. */
async function askMany(home: Home, outcome: string): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 200 }, () => home.ask()));
  expect(new Set(answers.map((answer) => answer.outcome))).toEqual(new Set([outcome]));
  return Math.max(...answers.map(({ tookMs }) => tookMs));
}

const isFound = async (home: Home) => (await home.ask()).outcome === "found";

describe.each(DATABASE_SERVERS)("%s", (_, testWith, start) => {
  let started: Promise<TestDatabase> | undefined;
  afterAll(async () => {
    await (await started)?.[Symbol.asyncDispose]();
  });
  const prepare = async () => {
    started ??= fill(start);
    return await started;
  };

  testWith("that hangs is unavailable in time, under load; then it heals by itself", async () => {
    const database = await prepare();
    using home = open(database.settings);
    await askMany(home, "found");
    await database.hang();
    expect(await askMany(home, "unavailable")).toBeLessThan(PROMISED_MS);
    // From now on nobody waits.
    expect(await askMany(home, "unavailable")).toBeLessThan(PROMISED_MS);
    await waitFor("a second try", async () => (await home.ask()).tookMs > 400);
    database.goOn();
    await waitFor("the database again", () => isFound(home));
    await askMany(home, "found");
    expect(home.lines.filter((line) => line.includes("error users.unavailable"))).toHaveLength(1);
    expect(home.lines.join("")).toContain("users.available");
  });

  testWith("that stops while it is asked is unavailable in time, and is back after its start", async () => {
    const database = await prepare();
    using home = open(database.settings);
    await askMany(home, "found");
    let isStopping = true;
    const load = (async () => {
      const answers: Awaited<ReturnType<Home["ask"]>>[] = [];
      while (isStopping) answers.push(await home.ask());
      return answers;
    })();
    await database.stop();
    await waitFor("the outage", () => home.lines.some((line) => line.includes("users.unavailable")));
    isStopping = false;
    const answers = await load;
    expect(answers.map(({ outcome }) => outcome)).not.toContain("wrong");
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(PROMISED_MS);
    expect(await askMany(home, "unavailable")).toBeLessThan(PROMISED_MS);
    await database.start();
    await waitFor("the database again", () => isFound(home));
    await askMany(home, "found");
    expect(home.lines.join("")).not.toContain(DATABASE_PASSWORD);
  });

  testWith("that is not there at the start, or wants another password, is told with what to do", async () => {
    const database = await prepare();
    const { db_type, db_string } = database.settings;
    using other = open({ db_type, db_string: db_string.replace(/s3cr/, "wrong") });
    expect((await other.ask()).outcome).toBe("unavailable");
    expect(other.lines.join("")).toContain("wrong user or password in db_string");
    await database.stop();
    using early = open(database.settings);
    expect((await early.ask()).outcome).toBe("unavailable");
    expect(early.lines.join("")).toContain("is the database running?");
    await database.start();
    await waitFor("the database", () => isFound(early));
  });
});

describe("SQLite", () => {
  test("whose folder is missing is unavailable, and works once it is there", async () => {
    using folder = createFolder();
    const file = join(folder.path, "missing/db.db3");
    using home = open({ db_type: "sqlite3", db_string: file });
    expect((await home.ask()).outcome).toBe("unavailable");
    expect(home.lines.join("")).toContain("the folder of the file is not there");
    mkdirSync(dirname(file));
    await waitFor("the file", () =>
      home.directory.find("nobody").then(
        () => true,
        () => false,
      ),
    );
    rmSync(dirname(file), { recursive: true });
  });

  test("that is no database is told", async () => {
    using folder = createFolder({ "db.db3": "no database at all, ".repeat(100) });
    using home = open({ db_type: "sqlite3", db_string: join(folder.path, "db.db3") });
    expect((await home.ask()).outcome).toBe("unavailable");
    expect(home.lines.join("")).toContain("SQLITE_NOTADB");
  });
});

async function fill(start: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await start();
  await database.run("create table wx_user(user_name varchar(64), password text)");
  const rows = Array.from({ length: USER_COUNT }, (_, index) => `('user${index}', 'of user${index}')`);
  await database.run(`insert into wx_user values ${rows.join(",")}`);
  await database.run("create unique index wx_user_name on wx_user (user_name)");
  return database;
}
