import type { Clock, Timer } from "../../clock.ts";
import { errorCodeOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { unavailable } from "../directory.ts";
import { type Database, POOL_SIZE, type Rows } from "./database.ts";
import { explainFailure } from "./failures.ts";

export type LinkOptions = {
  /** Makes a pool of connections, ready for use. */
  readonly open: () => Promise<Database>;
  readonly clock: Pick<Clock, "nowMs" | "after">;
  readonly log: Logger;
  /** A database answers that did not before. */
  readonly onUp?: () => void;
};

type Waiting = { readonly begin: () => void; readonly giveUp: (why: string) => void };

/** A statement on an open connection never settles while its server hangs, so it is timed here. */
const ANSWER_MS = 500;
/** For its turn, while the database answers but slowly. */
const TURN_MS = 3_000;
const MAX_WAITING = 2_000;
/** So long everybody is refused at once after a failure; then one statement tries again. */
const REST_MS = 1_000;
/** SQLite says so while somebody else writes. */
const LOCKED = /^SQLITE_(?:BUSY|LOCKED)/;
const LOCKED_RETRY_MS = 20;

/**
 * A way to a database that may be down or hang: each statement settles, with rows or as `users.unavailable`, within 500 ms
 * of its turn. After a failure the connections are dropped and others made, so that it heals by itself.
 */
export class SqlLink {
  readonly #options: LinkOptions;
  readonly #waiting: Waiting[] = [];
  /** Ends those under way when the connections are dropped. */
  readonly #running = new Set<(why: string) => void>();
  #database: Promise<Database> | undefined;
  #isUp = false;
  #problem: string | undefined;
  #triedAtMs = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Why it failed last; undefined while it works. */
  get problem(): string | undefined {
    return this.#problem;
  }

  run(text: string, values: readonly unknown[]): Promise<Rows> {
    const { promise, resolve, reject } = Promise.withResolvers<Rows>();
    const giveUp = (why: string) => reject(unavailable(why));
    const begin = () => void this.#start(text, values).then(resolve, reject);
    if (this.#problem !== undefined) this.#tryAgain(begin, giveUp);
    else if (this.#running.size < POOL_SIZE) begin();
    else if (this.#waiting.length < MAX_WAITING) this.#wait(begin, giveUp);
    else giveUp("too many wait for the database");
    return promise;
  }

  close(): void {
    this.#drop("the gateway stops");
  }

  #tryAgain(begin: () => void, giveUp: (why: string) => void): void {
    const { clock } = this.#options;
    const isDue = this.#running.size === 0 && clock.nowMs() - this.#triedAtMs >= REST_MS;
    if (isDue) begin();
    else giveUp(this.#problem ?? "");
  }

  #wait(begin: () => void, giveUp: (why: string) => void): void {
    const timer: Timer = this.#options.clock.after(TURN_MS, () => {
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      giveUp("the database is slow");
    });
    const entry: Waiting = {
      begin: () => {
        timer.cancel();
        begin();
      },
      giveUp: (why) => {
        timer.cancel();
        giveUp(why);
      },
    };
    this.#waiting.push(entry);
  }

  async #start(text: string, values: readonly unknown[]): Promise<Rows> {
    const { clock } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = clock.after(ANSWER_MS, () => this.#fail("no answer in 500 ms"));
    const end = (why: string) => late.reject(unavailable(why));
    this.#running.add(end);
    this.#triedAtMs = clock.nowMs();
    try {
      const rows = await Promise.race([this.#ask(text, values, clock.nowMs() + ANSWER_MS), late.promise]);
      this.#succeed();
      return rows;
    } catch (thrown) {
      // Whatever is under way has been ended with the others by then.
      if (this.#running.has(end)) this.#fail(explainFailure(thrown));
      throw unavailable(this.#problem ?? explainFailure(thrown));
    } finally {
      timer.cancel();
      this.#running.delete(end);
      this.#beginNext();
    }
  }

  async #ask(text: string, values: readonly unknown[], untilMs: number): Promise<Rows> {
    const { clock, open } = this.#options;
    this.#database ??= open();
    const database = await this.#database;
    for (;;) {
      try {
        return await database.run(text, values);
      } catch (thrown) {
        if (!LOCKED.test(errorCodeOf(thrown) ?? "") || clock.nowMs() >= untilMs) throw thrown;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.after(LOCKED_RETRY_MS, resolve);
      await promise;
    }
  }

  #beginNext(): void {
    while (this.#problem === undefined && this.#running.size < POOL_SIZE) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.begin();
    }
  }

  #succeed(): void {
    if (this.#problem !== undefined) this.#options.log.info("users.available");
    this.#problem = undefined;
    if (this.#isUp) return;
    this.#isUp = true;
    this.#options.onUp?.();
  }

  #fail(why: string): void {
    if (this.#problem !== why) this.#options.log.error("users.unavailable", { why });
    this.#problem = why;
    this.#triedAtMs = this.#options.clock.nowMs();
    this.#drop(why);
  }

  #drop(why: string): void {
    this.#isUp = false;
    this.#database?.then(
      (database) => database.drop(),
      () => {},
    );
    this.#database = undefined;
    const ended = [...this.#running];
    this.#running.clear();
    for (const end of ended) end(why);
    for (const { giveUp } of this.#waiting.splice(0)) giveUp(why);
  }
}
