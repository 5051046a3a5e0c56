import { Database, type SQLQueryBindings } from "bun:sqlite";
import { CallRecord, readJson } from "./call-record.ts";

export type RecentQuery = {
  /** At most 200. */
  readonly limit: number;
  /** The `next` of the page before; absent: from the newest on. */
  readonly before?: number | undefined;
  /** A user or number, on either side. */
  readonly party?: string | undefined;
};

/** Newest first; `next` is where the next page begins, undefined on the last. */
export type RecentPage = { readonly calls: readonly CallRecord[]; readonly next: number | undefined };

/** Raised with every change of the table, which is then filled anew from the files. */
const SCHEMA_VERSION = 1;
const MAX_PAGE = 200;
/** Small steps of moving the log into the file instead of long ones. */
const CHECKPOINT_PAGES = 128;

const CREATE = `
  DROP TABLE IF EXISTS calls;
  CREATE TABLE calls (number INTEGER PRIMARY KEY, id TEXT UNIQUE, caller TEXT, callee TEXT, record TEXT);
  CREATE INDEX calls_by_caller ON calls (caller);
  CREATE INDEX calls_by_callee ON calls (callee);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The last calls, for looking them up; the files are what counts, so this is written without waiting for the disk. */
export class RecentCalls implements Disposable {
  readonly #database: Database;
  readonly #keptCount: number;
  /** It was made just now and knows no call. */
  readonly isNew: boolean;

  /** Throws SQLiteError where there can be no database at `path`. */
  constructor(path: string, keptCount: number) {
    this.#keptCount = keptCount;
    this.#database = new Database(path, { create: true, strict: true });
    try {
      this.isNew = this.#prepare();
    } catch (thrown) {
      this.#database.close();
      throw thrown;
    }
  }

  /** Known ones are left as they are. Throws SQLiteError; then none is added. */
  add(records: readonly CallRecord[]): void {
    const insert = this.#database.query(
      "INSERT INTO calls (id, caller, callee, record) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    );
    this.#database.transaction(() => {
      for (const record of records) {
        insert.run(record.callId, record.caller.name, record.callee.name, JSON.stringify(record));
      }
      this.#database
        .query("DELETE FROM calls WHERE number <= (SELECT max(number) FROM calls) - ?")
        .run(this.#keptCount);
    })();
  }

  list({ limit, before = Number.MAX_SAFE_INTEGER, party }: RecentQuery): RecentPage {
    const count = Math.min(Math.max(1, limit), MAX_PAGE);
    const rows =
      party === undefined
        ? this.#select("number < ?", [before], count)
        : this.#select("(caller = ? OR callee = ?) AND number < ?", [party, party, before], count);
    const calls = rows.flatMap(({ record }) => CallRecord.safeParse(readJson(record)).data ?? []);
    return { calls, next: rows.length < count ? undefined : rows.at(-1)?.number };
  }

  find(callId: string): CallRecord | undefined {
    const [row] = this.#select("id = ?", [callId], 1);
    return row === undefined ? undefined : CallRecord.safeParse(readJson(row.record)).data;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #prepare(): boolean {
    this.#database.run("PRAGMA journal_mode = WAL");
    this.#database.run("PRAGMA synchronous = OFF");
    this.#database.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    const version = this.#database.query<{ user_version: number }, []>("PRAGMA user_version").get();
    if (version?.user_version === SCHEMA_VERSION) return false;
    this.#database.transaction(() => this.#database.run(CREATE))();
    return true;
  }

  #select(where: string, values: SQLQueryBindings[], limit: number): { number: number; record: string }[] {
    return this.#database
      .query<{ number: number; record: string }, SQLQueryBindings[]>(
        `SELECT number, record FROM calls WHERE ${where} ORDER BY number DESC LIMIT ?`,
      )
      .all(...values, limit);
  }
}
