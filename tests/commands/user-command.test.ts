import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../src/commands/run.ts";
import { PasswordChecks } from "../../src/users/passwords.ts";
import { createFolder } from "../config/folder.ts";
import { startMariadb, startPostgresql, startSqlite, type TestDatabase } from "../peers/databases.ts";
import { requirePrograms } from "../peers/programs.ts";

const INI = `# Kept as it is.
[server]
addr=127.0.0.1:18123
[user]
user_number=2
[users]
user1=lihao
password1=1234
# The second.
user2 = nway
password2 = "12;34"

[log]
level=info
`;

type Home = { readonly ini: string; readonly [Symbol.asyncDispose]: () => Promise<void> };

async function inFile(): Promise<Home> {
  const folder = createFolder({ "nway_wx.ini": INI });
  return {
    ini: join(folder.path, "nway_wx.ini"),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  };
}

function inDatabase(start: () => Promise<TestDatabase>) {
  return async (): Promise<Home> => {
    const database = await start();
    const { db_type, db_string } = database.settings;
    const ini = `[database]\nuse_db=yes\ndb_type=${db_type}\ndb_string=${JSON.stringify(db_string)}\n`;
    const folder = createFolder({ "nway_wx.ini": ini });
    if (db_type !== "sqlite3") {
      await database.run("create table wx_user(user_name varchar(64), password varchar(200))");
      await database.run("insert into wx_user values ('lihao', '1234'), ('nway', '12;34')");
    }
    const home = { ini: join(folder.path, "nway_wx.ini") };
    if (db_type === "sqlite3") {
      await run(home, ["import", "-", "--plain"], "lihao,1234\nnway,12;34\n");
    }
    return {
      ...home,
      async [Symbol.asyncDispose]() {
        folder[Symbol.dispose]();
        await database[Symbol.asyncDispose]();
      },
    };
  };
}

async function run({ ini }: Pick<Home, "ini">, args: readonly string[], input = "") {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runCommand(["user", ...args, "--config", ini], {
    print: (text) => said.push(text),
    complain: (text) => complained.push(text),
    readInput: () => Promise.resolve(input),
    cwd: "/",
    env: {},
    catchSignals: () => Promise.resolve(""),
    surviveBugs: () => {},
  });
  return { code, said: said.join(""), complained: complained.join("") };
}

const HOMES = [
  ["the settings file", test, inFile],
  ["SQLite", test, inDatabase(startSqlite)],
  ["PostgreSQL", requirePrograms("postgresql"), inDatabase(startPostgresql)],
  ["MariaDB", requirePrograms("mariadb"), inDatabase(startMariadb)],
] as const;

describe.each(HOMES)("nway-wx user, in %s", (_, testWith, open) => {
  let opened: Promise<Home> | undefined;
  const home = () => {
    opened ??= open();
    return opened;
  };
  const list = async () => (await run(await home(), ["list"])).said;
  afterAll(async () => {
    await (await opened)?.[Symbol.asyncDispose]();
  });

  testWith("list shows names, and no password", async () => {
    expect(await list()).toBe("lihao  plain\nnway  plain\n");
  });

  testWith("add makes a password up and tells it once; the name is then taken", async () => {
    const { code, said } = await run(await home(), ["add", "李浩"]);
    expect([code, said]).toEqual([0, expect.stringMatching(/^李浩 is added\npassword: [\w-]{16}\n$/)]);
    expect(await list()).toContain("李浩  argon2id\n");
    const again = await run(await home(), ["add", "李浩"]);
    expect([again.code, again.said]).toEqual([1, ""]);
    expect(again.complained).toContain("nway-wx user passwd 李浩");
  });

  testWith("passwd takes a password from standard input, for exactly that name", async () => {
    const { ini } = await home();
    const changed = await run(
      { ini },
      ["passwd", "nway", "--password-stdin", "--plain"],
      "new; #\"\\'\nmore",
    );
    expect(changed).toEqual({ code: 0, said: "nway has a new password\n", complained: "" });
    expect((await run({ ini }, ["passwd", "Nway"])).complained).toContain('there is no user "Nway"');
    expect((await run({ ini }, ["passwd", "nway", "--password-stdin"], "\n")).code).toBe(1);
  });

  testWith("remove removes exactly that one", async () => {
    const { ini } = await home();
    await run({ ini }, ["add", "to-go"]);
    expect((await run({ ini }, ["remove", "To-go"])).code).toBe(1);
    expect((await run({ ini }, ["remove", "to-go"])).code).toBe(0);
    expect(await list()).not.toContain("to-go");
    expect(await list()).toContain("lihao");
  });

  testWith("import adds those who are not there, and nothing at all of a file with a mistake", async () => {
    const { ini } = await home();
    const broken = await run({ ini }, ["import", "-"], "dora,1\nemil\n");
    expect([broken.code, broken.complained]).toEqual([
      1,
      expect.stringContaining("line 2 is not NAME,PASSWORD"),
    ]);
    const text = "# name,password\ndora,a,b\nlihao,other\nfrida,$2b$10$abcdefghijklmnopqrstuv\n";
    expect((await run({ ini }, ["import", "-"], text)).said).toBe(
      "added 2, there already and left as they are 1\n",
    );
    expect(await list()).toContain("dora  argon2id\nfrida  bcrypt\nlihao  plain\n");
  });

  testWith("names that are none, and wrong usage, are refused", async () => {
    const { ini } = await home();
    for (const name of ["a b", "", "x".repeat(65), "a,b", "[users]"]) {
      expect((await run({ ini }, ["add", name])).code).toBeGreaterThan(0);
    }
    for (const args of [["list", "x"], ["add"], ["rename", "x"]])
      expect((await run({ ini }, args)).code).toBe(2);
  });
});

test("of a settings file only the lines of users change, and the count that checks them; it stays as it was owned", async () => {
  await using home = await inFile();
  const { mode } = statSync(home.ini);
  await run(home, ["add", "dora#1", "--password-stdin", "--plain"], 'a "b"; #c\\');
  await run(home, ["remove", "lihao"]);
  expect(readFileSync(home.ini, "utf8")).toBe(
    INI.replace("user1=lihao\npassword1=1234\n", "").replace(
      'password2 = "12;34"\n',
      'password2 = "12;34"\nuser3="dora#1"\npassword3="a \\"b\\"; #c\\\\"\n',
    ),
  );
  expect(statSync(home.ini).mode).toBe(mode);
});

test("a password that was made up holds", async () => {
  await using home = await inFile();
  const { said } = await run(home, ["add", "dora"]);
  const [, password = ""] = /password: (\S+)/.exec(said) ?? [];
  const [, secret = ""] = /^password3=(.*)$/m.exec(readFileSync(home.ini, "utf8")) ?? [];
  expect(await new PasswordChecks().check(password, secret, "")).toBe(true);
});

test("without a settings file, and with a table of the operator's, it says what to do", async () => {
  await using home = await inFile();
  expect((await run({ ini: join(home.ini, "../none.ini") }, ["list"])).complained).toContain("no such file");
  using folder = createFolder({
    "own.ini": "[database]\nuse_db=yes\ndb_query=select a as user_name, b as password from c where a = ?\n",
  });
  const own = await run({ ini: join(folder.path, "own.ini") }, ["list"]);
  expect(own.complained).toContain("a table of your own");
  using other = createFolder({ "a.ini": `[auth]\nurl=http://127.0.0.1:1/\nsecret=${"s".repeat(16)}\n` });
  const asked = await run({ ini: join(other.path, "a.ini") }, ["list"]);
  expect(asked.complained).toContain("a login service of your own");
});
