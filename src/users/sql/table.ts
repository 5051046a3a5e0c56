import type { Database, DatabaseKind } from "./database.ts";
import type { SqlLink } from "./link.ts";

/** The manual's table. Its other columns are taken where it has them. */
export const FIND_USER = "select * from wx_user where user_name = ?";

/** The manual's own words; the index is what makes 100,000 users as quick as ten. */
const OWN_TABLE = [
  "create table if not exists wx_user(user_name text, password text)",
  "create index if not exists wx_user_name on wx_user(user_name)",
];

/** In a file of SQLite; servers belong to others, whose tables are left as they are. */
export async function createOwnTable(database: Database): Promise<void> {
  for (const statement of OWN_TABLE) await database.run(statement);
}

/** What the operator of a server should run where each look-up reads the whole table. */
export const INDEX_ADVICE: Readonly<Record<DatabaseKind, string>> = {
  sqlite: "create index wx_user_name on wx_user (user_name)",
  postgresql: "create unique index wx_user_name on wx_user (user_name)",
  mysql: "create unique index wx_user_name on wx_user (user_name(64))",
};

/** How each tells that it would read the whole table. */
const WHOLE_TABLE: Readonly<Record<DatabaseKind, RegExp>> = {
  sqlite: /"detail":"SCAN /,
  postgresql: /Seq Scan on/,
  mysql: /"possible_keys":null/,
};

/** Whether looking a user up cannot use an index. */
export async function lacksIndex(link: SqlLink, kind: DatabaseKind): Promise<boolean> {
  const { rows } = await link.run(`explain ${kind === "sqlite" ? "query plan " : ""}${FIND_USER}`, ["-"]);
  if (!WHOLE_TABLE[kind].test(JSON.stringify(rows))) return false;
  return kind !== "postgresql" || !(await hasPostgresIndex(link));
}

/** PostgreSQL reads a small table as a whole even where it has an index. */
async function hasPostgresIndex(link: SqlLink): Promise<boolean> {
  const { rows } = await link.run("select 1 from pg_indexes where tablename = ? and indexdef like ?", [
    "wx_user",
    "%(user_name%",
  ]);
  return rows.length > 0;
}

/** Whether a password of the manual's table is hashed. */
export async function usesHashes(link: SqlLink): Promise<boolean> {
  const { rows } = await link.run(
    "select password from wx_user where password like ? or password like ? limit 1",
    ["$argon2%", "$2_$%"],
  );
  return rows.length > 0;
}
