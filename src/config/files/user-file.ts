import { chmodSync, chownSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { AppError } from "../../errors.ts";
import { readIni } from "../ini.ts";
import type { Entry } from "../reading.ts";

type Pair = { readonly number: number; readonly name: string; readonly secret: string };

/** `[users]` of a settings file: changes its lines and leaves all others as they are. */
export class UserFile {
  /** @param path of an INI file that is there */
  constructor(readonly path: string) {}

  async list(): Promise<readonly (readonly [name: string, secret: string])[]> {
    const pairs = this.#open().pairs.map(({ name, secret }) => [name, secret] as const);
    return pairs.sort(([left], [right]) => (left < right ? -1 : 1));
  }

  async add(name: string, secret: string): Promise<boolean> {
    const { lines, pairs, lastLine } = this.#open();
    if (pairs.some((pair) => pair.name === name)) return false;
    const number = Math.max(0, ...pairs.map((pair) => pair.number)) + 1;
    const added = [`user${number}=${quoteValue(name)}`, `password${number}=${quoteValue(secret)}`];
    if (lastLine === undefined) lines.push("", "[users]", ...added, "");
    else lines.splice(lastLine, 0, ...added);
    this.#write(lines, pairs.length + 1);
    return true;
  }

  async remove(name: string): Promise<boolean> {
    const { lines, pairs, entries } = this.#open();
    const found = pairs.find((pair) => pair.name === name);
    if (found === undefined) return false;
    const gone = entries
      .filter(({ section, key }) => section === "users" && isOf(key, found.number))
      .map((entry) => lineOf(entry) - 1);
    this.#write(
      lines.filter((_, index) => !gone.includes(index)),
      pairs.length - 1,
    );
    return true;
  }

  async setSecret(name: string, secret: string): Promise<boolean> {
    const { lines, pairs, entries } = this.#open();
    const found = pairs.find((pair) => pair.name === name);
    const key = `password${found?.number}`;
    const entry = entries.find((other) => other.section === "users" && other.key === key);
    if (entry === undefined) return false;
    lines[lineOf(entry) - 1] = `${key}=${quoteValue(secret)}`;
    this.#write(lines, pairs.length);
    return true;
  }

  #open() {
    const lines = readFileSync(this.path, "utf8").split(/\r\n|\n|\r/);
    const { entries, problems } = readIni(lines.join("\n"), FILE);
    if (problems.length > 0) throw new AppError("config", "users.file-refused", { first: problems[0] });
    const ofUsers = entries.filter(({ section }) => section === "users");
    const texts = new Map(ofUsers.map(({ key, text }) => [key, text]));
    const pairs = [...texts].flatMap(([key, name]): Pair[] => {
      const number = Number(/^user(\d+)$/.exec(key)?.[1] ?? Number.NaN);
      return Number.isNaN(number) ? [] : [{ number, name, secret: texts.get(`password${number}`) ?? "" }];
    });
    const heading = lines.findIndex((line) => /^\[\s*users\s*\]\s*$/.test(line));
    const last = ofUsers.length > 0 ? Math.max(...ofUsers.map(lineOf)) : heading + 1;
    return { lines, entries, pairs, lastLine: last === 0 ? undefined : last };
  }

  /** In one step, with the owner and the mode that the file has. */
  #write(lines: readonly string[], count: number): void {
    const text = lines.map((line) => line.replace(USER_NUMBER, `$1${count}`)).join("\n");
    const { mode, uid, gid } = statSync(this.path);
    const draft = `${this.path}.new`;
    writeFileSync(draft, text, { mode: 0o600 });
    chownSync(draft, uid, gid);
    chmodSync(draft, mode);
    renameSync(draft, this.path);
  }
}

const FILE = "settings";
/** `[user] user_number`, a check on the list, goes with it. */
const USER_NUMBER = /^(\s*user_number\s*=\s*)\d+\s*$/;

function isOf(key: string, number: number): boolean {
  return key === `user${number}` || key === `password${number}`;
}

/** Counted from 1. */
function lineOf({ origin }: Entry): number {
  return Number(origin.slice(FILE.length + 1));
}

/** Between double quotes nothing but a quote and a backslash has a meaning. */
function quoteValue(value: string): string {
  return /^[\w.@+$,=/-]+$/.test(value) ? value : JSON.stringify(value);
}
