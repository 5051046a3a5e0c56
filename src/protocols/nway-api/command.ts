import { AppError } from "../../errors.ts";

/** The vendor module's command, to be said to FreeSWITCH's console, its event socket or our HTTP API. */
export const API_COMMAND = "nway_wx_api";

export type FieldRule = { readonly pattern: RegExp; readonly allowed: string };

const CLIP: FieldRule = {
  pattern: /^[\p{L}\p{N}_][\p{L}\p{N}._-]{0,127}$/u,
  allowed: "the name of a file without its folder: letters, digits and . _ -, at most 128",
};
/** Nothing that switches, shells or URL parsers see more in than a character of a URL; no step to another folder. */
const URL_RULE: FieldRule = {
  pattern: /^(?!.*\/\.\.?(?:[/?]|$))(?:rtmps?|https?):\/\/[A-Za-z0-9._~:/?[\]!&()*+=%-]{1,500}$/,
  allowed: "a URL with rtmp, rtmps, http or https, at most 500 characters",
};

/**
 * The fields in the manual's order and spelling, and what may stand in each: no blanks, line ends, quotes, commas,
 * braces or slashes (but in URLs), so that none can become another argument, variable, command or path.
 */
export const FIELD_RULES = {
  uuid: { pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, allowed: "1 to 64 letters, digits, - and _" },
  caller_name: { pattern: /^[\p{L}\p{N}._+-]{1,64}$/u, allowed: "1 to 64 letters, digits and . _ + -" },
  gateway: { pattern: /^[A-Za-z0-9_.-]{1,64}$/, allowed: "1 to 64 letters, digits and . _ -" },
  destination_number: {
    pattern: /^[+0-9*#A-Za-z._-]{1,64}$/,
    allowed: "1 to 64 digits, letters and + * # . _ -",
  },
  welcome_wav: CLIP,
  welcome_h264: CLIP,
  push_url: URL_RULE,
  pull_url: URL_RULE,
  realm: {
    pattern: /^[A-Za-z0-9.:[\]_-]{1,253}$/,
    allowed: "a host name or address, at most 253 characters",
  },
} as const satisfies Record<string, FieldRule>;

export type ApiField = keyof typeof FIELD_RULES;
/** A field that is absent was left out, or written as `-`. */
export type ApiFields = { readonly [field in ApiField]?: string | undefined };

const FIELDS = Object.keys(FIELD_RULES) as ApiField[]; // the keys of a constant
/** The realm may be left out. */
const LEAST_WORDS = FIELDS.length - 1;
const ABSENT = "-";

/** The words by field, with or without the command itself before them; unchecked. Undefined: too few or too many. */
export function splitCommand(text: string): Record<string, unknown> | undefined {
  const words = text.trim().split(/[ \t]+/);
  if (words[0] === API_COMMAND) words.shift();
  if (words.length < LEAST_WORDS || words.length > FIELDS.length) return undefined;
  return dropAbsent(Object.fromEntries(words.map((word, place) => [FIELDS[place], word])));
}

/** Without those members that say that there is nothing. */
export function dropAbsent(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== ABSENT));
}

/** The command as one line. Throws AppError `nway-api.bad-field`. */
export function joinCommand(fields: ApiFields): string {
  const words = FIELDS.map((field) => {
    const word = fields[field];
    if (word === undefined) return ABSENT;
    if (!FIELD_RULES[field].pattern.test(word)) throw new AppError("peer", "nway-api.bad-field", { field });
    return word;
  });
  return [API_COMMAND, ...words].join(" ");
}

export function encodeReply(reply: { readonly uuid: string } | { readonly cause: string }): string {
  return "uuid" in reply ? `+OK ${reply.uuid}\n` : `-ERR ${reply.cause}\n`;
}
