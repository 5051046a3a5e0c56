import type { Clock } from "../../clock.ts";
import type { DatabaseTarget } from "../../config/database-target.ts";
import type { Logger } from "../../log.ts";
import { BriefAnswers } from "../brief-answers.ts";
import { type Directory, isUnavailable, type User } from "../directory.ts";
import { nameOf, readUser } from "../user-row.ts";
import { SqlLink } from "./link.ts";
import { openTarget } from "./open-target.ts";
import { FIND_USER, INDEX_ADVICE, lacksIndex, usesHashes } from "./table.ts";

export type SqlDirectoryOptions = {
  readonly target: DatabaseTarget;
  /** `db_query`, with one `?` for the name; undefined for the table of the manual. */
  readonly query: string | undefined;
  /** Called once it is known that hashes are, or may be, in use. */
  readonly onHashes: () => void;
  readonly clock: Pick<Clock, "nowMs" | "after">;
  readonly log: Logger;
};

/** Nobody waits long for a change to be seen. */
const FRESH_MS = 2_000;
/** As the protocol has them; on other characters databases differ. */
const NAME = /^\P{C}{1,128}$/u;

/** The users of a database. It need not be there at the start: what is wrong with it is logged, then it is tried again. */
export class SqlDirectory implements Directory, Disposable {
  readonly #options: SqlDirectoryOptions;
  readonly #query: string;
  readonly #link: SqlLink;
  readonly #answers: BriefAnswers<User | undefined>;
  #isIntroduced = false;

  constructor(options: SqlDirectoryOptions) {
    const { target, query, clock, log } = options;
    this.#options = options;
    this.#query = query ?? FIND_USER;
    this.#answers = new BriefAnswers(FRESH_MS, clock);
    this.#link = new SqlLink({
      open: () => openTarget(target),
      clock,
      log,
      onUp: () => void this.#introduce(),
    });
    void this.find("-").catch(() => {});
  }

  /** Why nobody can be looked up at present; undefined while it works. */
  get problem(): string | undefined {
    return this.#link.problem;
  }

  find(name: string): Promise<User | undefined> {
    if (!NAME.test(name)) return Promise.resolve(undefined);
    return this.#answers.recall(name, () => this.#ask(name));
  }

  [Symbol.dispose](): void {
    this.#link.close();
  }

  async #ask(name: string): Promise<User | undefined> {
    const { rows } = await this.#link.run(this.#query, [name]);
    // To some collations Nway, nway and "nway " are one name.
    const [row, another] = rows.filter((found) => nameOf(found) === name);
    if (row === undefined) return undefined;
    const user = readUser(row);
    if (another === undefined) return user;
    this.#options.log.warn("users.ambiguous", { user: name, advice: "two rows have this name: remove one" });
    return { ...user, enabled: false };
  }

  /** Looks once at what there is: whether passwords are hashed, and whether look-ups are quick. */
  async #introduce(): Promise<void> {
    if (this.#isIntroduced) return;
    this.#isIntroduced = true;
    const { target, query, onHashes, log } = this.#options;
    try {
      if (query !== undefined || (await usesHashes(this.#link))) onHashes();
      if (query === undefined && (await lacksIndex(this.#link, target.kind))) {
        log.warn("users.no-index", { advice: INDEX_ADVICE[target.kind] });
      }
    } catch (thrown) {
      if (!isUnavailable(thrown)) throw thrown;
      this.#isIntroduced = false;
    }
  }
}
