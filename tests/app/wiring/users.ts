import { join } from "node:path";
import { SQL } from "bun";
import { createFolder } from "../../config/folder.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { startLoginService } from "../../users/login-service.ts";
import { type Ini, mergeInis, PASSWORD, RunningApp, resolveIni } from "../running-app.ts";
import type { Row } from "./row.ts";

const HOUR_MS = 3_600_000;
const SECRET = "0123456789abcdef0123456789abcdef";
const folder = createFolder();
const service = startLoginService(SECRET, ({ user }) => Response.json({ allow: user === "greta" }));
process.on("exit", () => folder[Symbol.dispose]());
const FILE = join(folder.path, "users.db3");
const QUERY = "select login as user_name, pass as password from people where login = ?";

/** Where users are kept, and how they log in. */
export const userRows: readonly Row[] = [
  {
    setting: "database.use_db",
    value: "yes",
    beside: { database: { db_string: FILE } },
    observe: (ini) => logInFromFile(ini, "dora"),
    sees: "200ok",
  },
  {
    setting: "database.db_string",
    value: FILE,
    beside: { database: { use_db: "yes" } },
    observe: (ini) =>
      logInFromFile(mergeInis({ database: { db_string: join(folder.path, "other.db3") } }, ini), "dora"),
    sees: "200ok",
  },
  {
    setting: "database.db_query",
    value: QUERY,
    beside: { database: { use_db: "yes", db_string: FILE } },
    observe: (ini) => logInFromFile(ini, "emil"),
    sees: "200ok",
  },
  {
    setting: "database.db_type",
    value: "postgresql",
    beside: { database: { use_db: "yes", db_string: FILE } },
    // A file is no server.
    observe: (ini) => Promise.resolve("problems" in resolveIni(ini)),
    sees: true,
  },
  {
    setting: "auth.url",
    value: service.url,
    beside: { auth: { secret: SECRET } },
    observe: (ini) => logIn(ini, "greta"),
    sees: "200ok",
  },
  {
    setting: "auth.secret",
    value: SECRET,
    beside: { auth: { url: service.url, secret: `not ${SECRET}`.replace(" ", "-") } },
    observe: (ini) => logIn(ini, "greta"),
    sees: "200ok",
  },
  {
    setting: "auth.token_hours",
    value: "2",
    async observe(ini) {
      const clock = new FakeClock();
      await using app = await RunningApp.start(ini, clock);
      await using lihao = await app.connect("lihao");
      const { token = "" } = (await lihao.register(PASSWORD)).data;
      clock.advance(3 * HOUR_MS);
      await using again = await app.connect("lihao");
      return (await again.register(token)).data.code;
    },
    sees: "401",
  },
  {
    setting: "auth.key_file",
    value: join(folder.path, "tokens.key"),
    async observe(ini) {
      const token = await (async () => {
        await using app = await RunningApp.start(ini);
        await using lihao = await app.connect("lihao");
        return (await lihao.register(PASSWORD)).data.token ?? "";
      })();
      await using app = await RunningApp.start(ini);
      await using lihao = await app.connect("lihao");
      return (await lihao.register(token)).data.code;
    },
    sees: "200ok",
  },
];

async function logIn(ini: Ini, user: string): Promise<string> {
  await using app = await RunningApp.start(ini);
  await using client = await app.connect(user);
  return (await client.register(PASSWORD)).data.code;
}

async function logInFromFile(ini: Ini, user: string): Promise<string> {
  const sql = new SQL({ adapter: "sqlite", filename: FILE });
  await sql.unsafe("create table if not exists wx_user(user_name text, password text)");
  await sql.unsafe("create table if not exists people(login text, pass text)");
  await sql.unsafe("delete from wx_user");
  await sql.unsafe("delete from people");
  await sql.unsafe("insert into wx_user values ('dora', ?)", [PASSWORD]);
  await sql.unsafe("insert into people values ('emil', ?)", [PASSWORD]);
  await sql.close();
  return await logIn(ini, user);
}
