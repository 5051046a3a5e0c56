import { AppError } from "../../errors.ts";
import { endOfQuoted } from "./headers.ts";

/** Names in lower case; values as sent, quotes included; a flag has the value "". */
export type Parameters = ReadonlyMap<string, string>;

const MAX_PARAMETERS = 64;
const BLANKS = /[ \t]*/y;
const NAME = /[^\s;=,"<>]+/y;
const VALUE = /[^\s;,"<>]*/y;

/** Reads `;name=value;flag` with blanks anywhere between. Throws AppError `sip.bad-parameters`. */
export function decodeParameters(text: string): Parameters {
  const parameters = new Map<string, string>();
  const scan = (pattern: RegExp, from: number): number => {
    pattern.lastIndex = from;
    return pattern.test(text) ? pattern.lastIndex : from;
  };
  let at = scan(BLANKS, 0);
  while (at < text.length) {
    if (text[at] !== ";") throw new AppError("peer", "sip.bad-parameters");
    const nameAt = scan(BLANKS, at + 1);
    const nameEnd = scan(NAME, nameAt);
    const name = text.slice(nameAt, nameEnd).toLowerCase();
    at = scan(BLANKS, nameEnd);
    let value = "";
    if (text[at] === "=") {
      const valueAt = scan(BLANKS, at + 1);
      const valueEnd = text[valueAt] === '"' ? endOfQuoted(text, valueAt) : scan(VALUE, valueAt);
      value = text.slice(valueAt, valueEnd);
      at = scan(BLANKS, valueEnd);
    }
    if (name === "" || parameters.has(name) || parameters.size === MAX_PARAMETERS || isHalfQuoted(value)) {
      throw new AppError("peer", "sip.bad-parameters", { count: parameters.size });
    }
    parameters.set(name, value);
  }
  return parameters;
}

export function encodeParameters(parameters: Parameters): string {
  let text = "";
  for (const [name, value] of parameters) text += value === "" ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** Takes the quotes and escapes off a quoted string; other text comes back as it is. */
export function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\([\s\S])/g, "$1") : text;
}

function isHalfQuoted(value: string): boolean {
  return value.startsWith('"') && !isQuoted(value);
}

/** Whether the text is one quoted string, its closing quote included. */
export function isQuoted(text: string): boolean {
  if (!text.startsWith('"') || text.length < 2) return false;
  for (let i = 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i === text.length - 1;
  }
  return false;
}
