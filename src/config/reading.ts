/** One value as text, and where it stands: `conf/nway_wx.ini:12` or `NWAY_WX_SERVER_ADDR`. */
export type Entry = {
  readonly section: string;
  readonly key: string;
  readonly text: string;
  readonly origin: string;
};

/** The origin of a value that no file and no variable gives. */
export const BUILT_IN = "built-in";

/** The entries that count, by section and key; built-in values that nobody changed are not among them. */
export type Effective = ReadonlyMap<string, ReadonlyMap<string, Entry>>;

/** What one source says, and one line for each thing wrong with it; texts are never part of a line. */
export type Reading = { readonly entries: readonly Entry[]; readonly problems: readonly string[] };

/** Collects a source's entries and problems; an empty value counts as absent, a second one for a key is refused. */
export class ReadingBuilder implements Reading {
  readonly entries: Entry[] = [];
  readonly problems: string[] = [];
  readonly #origins = new Map<string, string>();

  refuse(origin: string, what: string): void {
    this.problems.push(`${origin}: ${what}`);
  }

  /** False when the key was there before. */
  claim(section: string, key: string, origin: string): boolean {
    const name = `${section}.${key}`;
    const earlier = this.#origins.get(name);
    if (earlier === undefined) {
      this.#origins.set(name, origin);
      return true;
    }
    this.refuse(origin, `${key} of [${section}] was already given at ${earlier}; keep one of the two`);
    return false;
  }

  add(entry: Entry): void {
    if (entry.text !== "") this.entries.push(entry);
  }
}
