import { existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock, Timer } from "../clock.ts";
import { errorCodeOf, messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { CallRecord } from "./call-record.ts";
import { FILE_MODE, FOLDER_MODE } from "./line-file.ts";
import { RecentCalls, type RecentPage, type RecentQuery } from "./recent-calls.ts";

export type RecentStoreOptions = {
  readonly path: string;
  readonly keptCount: number;
  /** What a new database is filled with, oldest first. */
  readonly readNewest: () => Promise<readonly CallRecord[]>;
  readonly clock: Clock;
  readonly log: Logger;
};

const BATCH_MS = 500;
/** Takes a fraction of a millisecond. */
const BATCH_COUNT = 100;
/** Between two batches of a backlog. */
const BREATH_MS = 10;
const RETRY_MS = 5000;
const NOTHING: RecentPage = { calls: [], next: undefined };
/** SQLite's codes for a file that only replacing mends. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB)/;

/** The last calls in SQLite, written in small batches; whatever is wrong with it is logged once and hurts nobody. */
export class RecentStore implements AsyncDisposable {
  readonly #options: RecentStoreOptions;
  #database: RecentCalls | undefined;
  #waiting: CallRecord[] = [];
  #timer: Timer | undefined;
  #opening: Promise<void> | undefined;
  #isFailing = false;
  /** What is wrong with the file that was opened, once it shows. */
  #damage: unknown;

  constructor(options: RecentStoreOptions) {
    this.#options = options;
  }

  /** Opens the database; a new one, or one put in a damaged one's place, is filled with the newest records. */
  async open(): Promise<void> {
    const { path, keptCount, readNewest } = this.#options;
    try {
      await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
      const database = await this.#openOrReplace();
      if (database.isNew) this.#waiting.unshift(...(await readNewest()).slice(-keptCount));
      this.#database = database;
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#flushSome();
  }

  add(record: CallRecord): void {
    if (this.#waiting.length >= this.#options.keptCount) this.#waiting.shift();
    this.#waiting.push(record);
    this.#schedule(BATCH_MS);
  }

  list(query: RecentQuery): RecentPage {
    return this.#ask((database) => database.list(query)) ?? NOTHING;
  }

  find(callId: string): CallRecord | undefined {
    return this.#ask((database) => database.find(callId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await this.#opening;
    this.#timer?.cancel();
    while (this.#waiting.length > 0 && this.#flushOne());
    this.#database?.[Symbol.dispose]();
    this.#database = undefined;
  }

  async #openOrReplace(): Promise<RecentCalls> {
    const { path, keptCount } = this.#options;
    try {
      if (this.#damage === undefined) return await openDatabase(path, keptCount);
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown;
      this.#damage = thrown;
    }
    await this.#putAside();
    return openDatabase(path, keptCount);
  }

  async #putAside(): Promise<void> {
    const { path, log } = this.#options;
    const kept = `${path}.damaged`;
    log.warn("records.database-damaged", { file: path, reason: messageOf(this.#damage), kept });
    await rename(path, kept);
    for (const suffix of ["-wal", "-shm"]) await rm(path + suffix, { force: true });
    this.#damage = undefined;
  }

  #ask<T>(question: (database: RecentCalls) => T): T | undefined {
    this.#flushOne();
    const database = this.#database;
    if (database === undefined) return undefined;
    try {
      return question(database);
    } catch (thrown) {
      this.#fail(thrown);
      return undefined;
    }
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      if (this.#database === undefined) this.#opening = this.open();
      else this.#flushSome();
    });
  }

  #flushSome(): void {
    const isWritten = this.#flushOne();
    if (this.#waiting.length > 0) this.#schedule(isWritten ? BREATH_MS : RETRY_MS);
  }

  /** False when writing failed; the records then wait. */
  #flushOne(): boolean {
    if (this.#database === undefined) return false;
    if (this.#waiting.length === 0) return true;
    if (!existsSync(this.#options.path)) {
      this.#openAnew();
      return false;
    }
    try {
      this.#database.add(this.#waiting.slice(0, BATCH_COUNT));
    } catch (thrown) {
      this.#fail(thrown);
      return false;
    }
    this.#waiting.splice(0, BATCH_COUNT);
    if (this.#isFailing) this.#options.log.info("records.database-resumed");
    this.#isFailing = false;
    return true;
  }

  /** SQLite would write on into a file that nobody finds. */
  #openAnew(): void {
    const { path, log } = this.#options;
    log.warn("records.file-removed", { file: path });
    this.#database?.[Symbol.dispose]();
    this.#database = undefined;
    this.#schedule(BATCH_MS);
  }

  /** A file may be damaged where opening does not look: then it is closed, and put aside by the next opening. */
  #fail(thrown: unknown): void {
    const { log, path } = this.#options;
    if (this.#database !== undefined && isDamage(thrown)) {
      this.#damage = thrown;
      this.#database[Symbol.dispose]();
      this.#database = undefined;
      this.#schedule(BATCH_MS);
      return;
    }
    if (!this.#isFailing) log.error("records.database-failed", { file: path, reason: messageOf(thrown) });
    this.#isFailing = true;
  }
}

/** SQLite gives its other files the mode of the first. */
async function openDatabase(path: string, keptCount: number): Promise<RecentCalls> {
  await (await open(path, "a", FILE_MODE)).close();
  return new RecentCalls(path, keptCount);
}

function isDamage(thrown: unknown): boolean {
  return DAMAGE.test(errorCodeOf(thrown) ?? "");
}
