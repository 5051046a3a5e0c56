import {
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { type RunningProcess, runProcess, startProcess } from "./process.ts";
import { POSTGRESQL, pathOf, requirePrograms } from "./programs.ts";
import { waitFor } from "./wait.ts";

/** A database with an empty file, or a server of its own, that tests may stop and hang. */
export interface TestDatabase extends AsyncDisposable {
  /** `db_type` and `db_string` of `[database]`. */
  readonly settings: { readonly db_type: "sqlite3" | "postgresql" | "mysql"; readonly db_string: string };
  /** As its administrator. */
  run(statement: string, values?: readonly unknown[]): Promise<unknown[]>;
  start(): Promise<void>;
  /** At once, as if the power went. */
  stop(): Promise<void>;
  /** Its processes stand still, its connections stay open. */
  hang(): Promise<void>;
  goOn(): void;
}

/** Whatever the password is, it must appear in no log. */
export const DATABASE_PASSWORD = "d8 s3cr'et";
const NOBODY = 65_534;

/** Of this process alone: while a server is stopped, nobody else takes its port. */
const { pid } = process;
export const OWN_HOST = `127.${64 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${pid & 255}`;
let nextPort = 20_001;

/** How a server is to be set up, beside what it has by itself. */
export type ServerSetUp = {
  /** PEM: it offers TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** PostgreSQL's: who may come in how, before the lines that let all in. */
  readonly hba?: string;
};

type Server = {
  readonly settings: TestDatabase["settings"];
  readonly prepare: (folder: string) => Promise<void>;
  readonly command: (folder: string) => string[];
  readonly connect: (folder: string) => SQL;
  readonly begin: (sql: SQL) => Promise<void>;
};

export function startPostgresql({ tls, hba = "" }: ServerSetUp = {}): Promise<TestDatabase> {
  const port = nextPort++;
  const programs = POSTGRESQL.at(-1) ?? "";
  return startServer({
    settings: {
      db_type: "postgresql",
      db_string: `host=${OWN_HOST} port=${port} dbname=postgres user=nway password='${DATABASE_PASSWORD.replace("'", "\\'")}'`,
    },
    async prepare(folder) {
      const passwordFile = join(folder, "password");
      writeFileSync(passwordFile, DATABASE_PASSWORD, { mode: 0o644 });
      const options = [
        "-U",
        "nway",
        "--auth=scram-sha-256",
        `--pwfile=${passwordFile}`,
        "--no-sync",
        "-E",
        "UTF8",
      ];
      await runProcess(asNobody([join(programs, "initdb"), "-D", join(folder, "data"), ...options]));
      const rules = join(folder, "data/pg_hba.conf");
      writeFileSync(rules, `${hba}\n${readFileSync(rules, "utf8")}`);
      writePair(folder, tls);
    },
    command: (folder) => [
      ...[join(programs, "postgres"), "-D", join(folder, "data"), "-k", folder],
      ...["-h", OWN_HOST, "-p", String(port), "-F"],
      ...(tls === undefined ? [] : ["-c", "ssl=on"]),
      ...(tls === undefined
        ? []
        : ["-c", `ssl_cert_file=${folder}/cert`, "-c", `ssl_key_file=${folder}/key`]),
    ],
    connect: () =>
      new SQL({
        ...{ adapter: "postgres", hostname: OWN_HOST, port, database: "postgres" },
        ...{ username: "nway", password: DATABASE_PASSWORD, max: 1 },
      }),
    begin: async (sql) => {
      await sql.unsafe("select 1");
    },
  });
}

/** The servers that people run, by name, each with the test that needs it. */
export const DATABASE_SERVERS = [
  ["PostgreSQL", requirePrograms("postgresql"), startPostgresql],
  ["MariaDB", requirePrograms("mariadb"), startMariadb],
] as const;

export function startMariadb({ tls }: ServerSetUp = {}): Promise<TestDatabase> {
  const port = nextPort++;
  const word = encodeURIComponent(DATABASE_PASSWORD);
  return startServer({
    settings: { db_type: "mysql", db_string: `mysql://nway:${word}@${OWN_HOST}:${port}/nway` },
    async prepare(folder) {
      const options = ["--no-defaults", `--datadir=${join(folder, "data")}`, "--skip-test-db"];
      const install = [pathOf("mariadb-install-db"), ...options, "--auth-root-authentication-method=normal"];
      await runProcess(asNobody(install), { deadlineMs: 60_000 });
      writePair(folder, tls);
    },
    command: (folder) => [
      ...[pathOf("mariadbd"), "--no-defaults", `--datadir=${join(folder, "data")}`],
      ...[`--socket=${join(folder, "s")}`, `--bind-address=${OWN_HOST}`, `--port=${port}`],
      "--skip-name-resolve",
      ...(tls === undefined ? [] : [`--ssl-cert=${folder}/cert`, `--ssl-key=${folder}/key`]),
    ],
    connect: (folder) =>
      new SQL({
        ...{ adapter: "mysql", path: join(folder, "s"), database: "mysql" },
        ...{ username: "root", password: "", max: 1 },
      }),
    begin: async (sql) => {
      await sql.unsafe("create database if not exists nway character set utf8mb4");
      await sql.unsafe(
        `create user if not exists nway@'%' identified by '${DATABASE_PASSWORD.replace("'", "''")}'`,
      );
      await sql.unsafe("grant all on nway.* to nway@'%'");
      await sql.unsafe("use nway");
    },
  });
}

/** A server reads its key only where nobody else may. */
function writePair(folder: string, tls: ServerSetUp["tls"]): void {
  for (const name of ["cert", "key"] as const) {
    const file = join(folder, name);
    if (tls === undefined) return;
    writeFileSync(file, tls[name], { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(file, NOBODY, NOBODY);
  }
}

/** A file of its own; nobody can stop or hang it. */
export async function startSqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "nway-wx-test-"));
  const path = join(folder, "db.db3");
  const sql = new SQL({ adapter: "sqlite", filename: path });
  const refuse = () => {
    throw new Error("a file cannot be stopped");
  };
  return {
    settings: { db_type: "sqlite3", db_string: path },
    run: async (statement, values = []) => [...(await sql.unsafe(statement, [...values]))],
    start: async () => {},
    stop: refuse,
    hang: refuse,
    goOn: refuse,
    async [Symbol.asyncDispose]() {
      await sql.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function startServer({ settings, prepare, command, connect, begin }: Server): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "nway-wx-test-"));
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
  await prepare(folder);
  let server: RunningProcess | undefined;
  let sql = connect(folder);
  const signal = (name: NodeJS.Signals) => {
    for (const pid of server === undefined ? [] : listProcesses(server.pid)) process.kill(pid, name);
  };
  const stop = async () => {
    await sql.close({ timeout: 0 });
    signal("SIGKILL");
    await server?.[Symbol.asyncDispose]();
    server = undefined;
    // One that was just being born is no child of its dead parent.
    await waitFor("the last process to go", () => {
      const left = listInFolder(join(folder, "data"));
      for (const pid of left) tryToKill(pid);
      return left.length === 0;
    });
  };
  const start = async () => {
    await stop();
    // Of one that was killed; its number may be another's by now.
    rmSync(join(folder, "data/postmaster.pid"), { force: true });
    const started = startProcess(asNobody(command(folder)));
    server = started;
    let hasEnded = false;
    void started.exited.then(() => {
      hasEnded = true;
    });
    await waitFor("the database", async () => {
      if (hasEnded) throw new Error(`the database ended:\n${started.output()}`);
      sql = connect(folder);
      const isThere = await begin(sql).then(
        () => true,
        () => false,
      );
      if (!isThere) await sql.close({ timeout: 0 });
      return isThere;
    });
  };
  await start();
  return {
    settings,
    start,
    stop,
    run: async (statement, values = []) => [...(await sql.unsafe(statement, [...values]))],
    async hang() {
      signal("SIGSTOP");
      await waitFor("every thread to stand still", () => listProcesses(server?.pid ?? 0).every(standsStill));
    },
    goOn: () => signal("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A server refuses to run as root. */
function asNobody(command: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [...command];
  return [pathOf("setpriv"), `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--", ...command];
}

/** A process and its children, the parent first. */
function listProcesses(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return [pid, ...children.map(Number)];
}

/** Those that work in a folder, as each process of a server does in that of its data. */
function listInFolder(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readFolderOf(pid) === folder);
}

function readFolderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has gone meanwhile, or is somebody else's.
    return undefined;
  }
}

function tryToKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone meanwhile.
  }
}

function standsStill(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    // proc(5): the state follows the name of the program, which stands in parentheses.
    return readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8").split(") ").at(-1)?.startsWith("T");
  });
}
