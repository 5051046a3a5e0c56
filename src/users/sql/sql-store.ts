import type { Clock } from "../../clock.ts";
import type { DatabaseTarget } from "../../config/database-target.ts";
import { silentLogger } from "../../log.ts";
import { nameOf } from "../user-row.ts";
import type { UserStore } from "../user-store.ts";
import { SqlLink } from "./link.ts";
import { openTarget } from "./open-target.ts";
import { FIND_USER } from "./table.ts";

/** To MySQL's collations `nway` is `Nway`, so that a condition on the name alone would change both. */
const EXACTLY = {
  sqlite: "user_name = ?",
  postgresql: "user_name = ?",
  mysql: "user_name = ? and hex(convert(user_name using utf8mb4)) = hex(?)",
} as const;

/** The manual's table as a store. What fails rejects with `users.unavailable`, which says why. */
export class SqlStore implements UserStore, Disposable {
  readonly #link: SqlLink;
  readonly #kind: DatabaseTarget["kind"];

  constructor(target: DatabaseTarget, clock: Pick<Clock, "nowMs" | "after">) {
    this.#kind = target.kind;
    this.#link = new SqlLink({ open: () => openTarget(target), clock, log: silentLogger });
  }

  async list() {
    const { rows } = await this.#link.run("select user_name, password from wx_user order by user_name", []);
    return rows.map((row) => [nameOf(row), String(row.password ?? "")] as const);
  }

  async add(name: string, secret: string): Promise<boolean> {
    if (await this.#has(name)) return false;
    await this.#link.run("insert into wx_user(user_name, password) values (?, ?)", [name, secret]);
    return true;
  }

  async remove(name: string): Promise<boolean> {
    return await this.#change("delete from wx_user", [], name);
  }

  async setSecret(name: string, secret: string): Promise<boolean> {
    return await this.#change("update wx_user set password = ?", [secret], name);
  }

  [Symbol.dispose](): void {
    this.#link.close();
  }

  async #has(name: string): Promise<boolean> {
    const { rows } = await this.#link.run(FIND_USER, [name]);
    return rows.some((row) => nameOf(row) === name);
  }

  async #change(statement: string, values: readonly string[], name: string): Promise<boolean> {
    if (!(await this.#has(name))) return false;
    const names = this.#kind === "mysql" ? [name, name] : [name];
    await this.#link.run(`${statement} where ${EXACTLY[this.#kind]}`, [...values, ...names]);
    return true;
  }
}
