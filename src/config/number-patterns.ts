import { z } from "zod";
import type { Kind } from "./kinds.ts";

/** What may stand in each place of a number; `isOpen` allows anything behind. */
type NumberPattern = { readonly text: string; readonly places: readonly string[]; readonly isOpen: boolean };
type RewriteRule = { readonly stripped: string; readonly rest: NumberPattern; readonly added: string };

/** As in FreeSWITCH's and others' dialplans. */
const CLASSES: Readonly<Record<string, string>> = { X: "0123456789", Z: "123456789", N: "23456789" };
const CHARACTERS = /^[+0-9*#A-Za-z._-]{0,64}$/;
/** One place: a set of characters and ranges in brackets, or one character. */
const PLACE = /\[([^[\]]{1,64})\]|([+0-9#A-Za-z._-])/y;
const RANGE = /(.)-(.)/g;
const MAX_PLACES = 64;
const MAX_ENTRIES = 1000;
const MAX_LIST_LENGTH = 32_768;

const PATTERN_WORDS = {
  en: "X is any digit, Z 1 to 9, N 2 to 9, [3-9] one of these, a * at the end anything; [*] and [X] are those characters themselves",
  zh: "X 表示任一数字，Z 表示 1 至 9，N 表示 2 至 9，[3-9] 表示其中之一，末尾的 * 表示任意后续；[*]、[X] 表示字符本身",
};

/** Patterns such as `00*` and `1[3-9]XXXXXXXXX`, separated by commas. */
export const numberPatterns: Kind<readonly NumberPattern[]> = {
  schema: listOf(parsePattern),
  allowed: {
    en: `patterns of numbers, separated by commas: ${PATTERN_WORDS.en}`,
    zh: `号码模式，以逗号分隔：${PATTERN_WORDS.zh}`,
  },
};

/** Rules such as `9|*` (strip the 9), `1XXXXXXXXXX>0` (put a 0 before it) and `+86|*>0`, separated by commas. */
export const rewriteRules: Kind<readonly RewriteRule[]> = {
  schema: listOf(parseRewriteRule),
  allowed: {
    en: "rules stripped|pattern>added, separated by commas, such as 9|* or +86|1XXXXXXXXXX>0; patterns as in allow",
    zh: "规则写作 去掉的前缀|模式>添加的前缀，以逗号分隔，如 9|*、+86|1XXXXXXXXXX>0；模式写法同 allow",
  },
};

/** Undefined for what is no pattern. */
export function parsePattern(text: string): NumberPattern | undefined {
  const isOpen = text.endsWith("*");
  const fixed = isOpen ? text.slice(0, -1) : text;
  const places: string[] = [];
  PLACE.lastIndex = 0;
  while (PLACE.lastIndex < fixed.length) {
    const [, set, character] = PLACE.exec(fixed) ?? [];
    const place = set === undefined ? readCharacter(character) : readSet(set);
    if (place === undefined || places.length >= MAX_PLACES) return undefined;
    places.push(place);
  }
  return text === "" ? undefined : { text, places, isOpen };
}

/** Undefined for what is no rule. */
export function parseRewriteRule(text: string): RewriteRule | undefined {
  const [matched = "", added = "", ...more] = text.split(">");
  const [stripped = "", rest, ...others] = matched.includes("|") ? matched.split("|") : ["", matched];
  const pattern = parsePattern(rest ?? "");
  const isWhole = more.length === 0 && others.length === 0 && stripped + added !== "";
  if (!isWhole || pattern === undefined || ![stripped, added].every((part) => CHARACTERS.test(part))) {
    return undefined;
  }
  return { stripped, rest: pattern, added };
}

function readCharacter(character: string | undefined): string | undefined {
  return character === undefined ? undefined : (CLASSES[character] ?? character);
}

/** `3-9` and `+0`; a minus that is meant itself stands first or last. */
function readSet(set: string): string | undefined {
  if (!CHARACTERS.test(set)) return undefined;
  const isBackwards = [...set.matchAll(RANGE)].some(([, first = "", last = ""]) => first > last);
  return isBackwards
    ? undefined
    : set.replace(RANGE, (_, first: string, last: string) => readRange(first, last));
}

function readRange(first: string, last: string): string {
  let range = "";
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) range += String.fromCharCode(code);
  return range;
}

function listOf<T>(read: (entry: string) => T | undefined): z.ZodType<readonly T[], string> {
  return z
    .string()
    .max(MAX_LIST_LENGTH)
    .transform((list, context) => {
      const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
      const values = entries.flatMap((entry) => read(entry) ?? []);
      if (values.length === entries.length && values.length <= MAX_ENTRIES) return values;
      context.addIssue("refused");
      return z.NEVER;
    });
}
