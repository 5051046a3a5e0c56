import type { Language, Words } from "./kinds.ts";
import { suggest } from "./nearest.ts";
import { keyedSections } from "./schema.ts";
import { type SettingDoc, settingDocs } from "./setting.ts";
import { USER_KEY } from "./users.ts";

/** A section's keys with what is told about each, in the order of the files. */
export type KeyTable = ReadonlyMap<string, SettingDoc>;

/** All sections but [users], whose keys carry numbers. */
export const keyTables: ReadonlyMap<string, KeyTable> = new Map(
  Object.entries(keyedSections).map(([name, { shape }]) => [
    name,
    new Map(
      Object.entries(shape).map(([key, schema]) => {
        const doc = settingDocs.get(schema);
        if (doc === undefined) throw new TypeError(`${name}.${key} has no description`);
        return [key, doc];
      }),
    ),
  ]),
);

export const sectionNames: readonly string[] = [...keyTables.keys(), "users"];

export function isSecret(section: string, key: string): boolean {
  return section === "users" ? key.startsWith("password") : keyTables.get(section)?.get(key)?.secret === true;
}

const SHOWN_LENGTH = 40;

/** Quoted and cut for a message; control characters become visible. */
export function quote(word: string): string {
  return JSON.stringify(word.length > SHOWN_LENGTH ? `${word.slice(0, SHOWN_LENGTH)}…` : word);
}

/** Why a file may not hold this section; undefined when it may. */
export function refuseSection(section: string): string | undefined {
  if (sectionNames.includes(section)) return undefined;
  return `unknown section [${quote(section).slice(1, -1)}]${suggest(section, sectionNames)}; allowed are ${list(sectionNames)}`;
}

/** Why `section`, a known one, may not hold this key; undefined when it may. */
export function refuseKey(section: string, key: string): string | undefined {
  if (section === "users") {
    if (USER_KEY.test(key)) return undefined;
    return `unknown key ${quote(key)} in [users]; allowed are user1, password1, user2, password2 and so on`;
  }
  const keys = keyTables.get(section);
  if (keys?.has(key)) return undefined;
  const names = [...(keys?.keys() ?? [])];
  return `unknown key ${quote(key)} in [${section}]${elsewhere(key) ?? suggest(key, names)}; allowed are ${list(names)}`;
}

function elsewhere(key: string): string | undefined {
  for (const [section, keys] of keyTables) if (keys.has(key)) return `; it belongs in [${section}]`;
  return USER_KEY.test(key) ? "; it belongs in [users]" : undefined;
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

const WITHOUT_EFFECT: Words = { en: " Without effect in this version.", zh: "此版本尚未支持。" };

/** What a key means, and whether it already does something. */
export function describeSetting(doc: SettingDoc, language: Language): string {
  return doc[language] + (doc.later ? WITHOUT_EFFECT[language] : "");
}
