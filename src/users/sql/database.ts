import { closeSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SQL } from "bun";
import type { DatabaseTarget } from "../../config/database-target.ts";
import { AppError, errorCodeOf } from "../../errors.ts";
import type { Row } from "../user-row.ts";

type ServerTarget = Exclude<DatabaseTarget, { kind: "sqlite" }>;
export type DatabaseKind = DatabaseTarget["kind"];

/** What a statement gives, and how many rows it changed. */
export type Rows = { readonly rows: readonly Row[]; readonly changedCount: number };

/** One pool of connections, made when the first statement needs them. */
export interface Database {
  readonly kind: DatabaseKind;
  /** `?` stands for a value in each of the three. Rejects with what the driver throws; may never settle. */
  run(text: string, values?: readonly unknown[]): Promise<Rows>;
  /** At once, whatever is on the way. */
  drop(): void;
}

export const POOL_SIZE = 4;
const CONNECT_TIMEOUT_SECONDS = 1;

/** Opens nothing yet but a file of SQLite, which is made if it is not there. Throws what the system or the driver says. */
export function openDatabase(target: DatabaseTarget): Database {
  const { kind } = target;
  const sql = kind === "sqlite" ? openFile(target.path) : new SQL(serverOptions(target));
  const spell = kind === "postgresql" ? numberPlaces : (text: string) => text;
  return {
    kind,
    run: async (text, values = []) => toRows(await sql.unsafe(spell(text), [...values])),
    drop: () => void sql.close({ timeout: 0 }).catch(() => {}),
  };
}

function openFile(path: string): SQL {
  // Passwords lie in it: its owner alone may read what is made here.
  closeSync(openSync(path, "a", 0o600));
  return new SQL({ adapter: "sqlite", filename: path });
}

/** The driver looks at a certificate only where it is told to; a plain `true` asks for encryption alone. */
function tlsOptions({ tls, caFile }: ServerTarget): Bun.SQL.PostgresOrMySQLOptions["tls"] {
  if (tls !== "verified") return tls === "encrypted" && { rejectUnauthorized: false };
  if (caFile === undefined) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: readFileSync(resolve(caFile), "utf8") };
  } catch (cause) {
    throw new AppError("config", "users.no-authority", { reason: errorCodeOf(cause) }, { cause });
  }
}

function serverOptions(target: ServerTarget): Bun.SQL.PostgresOrMySQLOptions {
  const { kind, host, port, socketPath, user, password, database } = target;
  return {
    adapter: kind === "mysql" ? "mysql" : "postgres",
    ...(socketPath === undefined ? { hostname: host, port } : { path: socketPath }),
    username: user,
    password,
    database,
    tls: tlsOptions(target),
    max: POOL_SIZE,
    connectionTimeout: CONNECT_TIMEOUT_SECONDS,
  };
}

type DriverRows = readonly Row[] & { readonly affectedRows?: number | null };

function toRows(rows: DriverRows): Rows {
  return { rows: [...rows], changedCount: Number(rows.affectedRows ?? 0) };
}

/** `?` outside of quotes becomes $1, $2 and so on. */
function numberPlaces(text: string): string {
  let place = 0;
  return text.replace(/'[^']*'|"[^"]*"|\?/g, (part) => (part === "?" ? `$${++place}` : part));
}
