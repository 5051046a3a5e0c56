import { parse } from "ini";
import { quote, refuseKey, refuseSection } from "./keys.ts";
import { type Reading, ReadingBuilder } from "./reading.ts";

const HEADING = /^\[([^\]]*)\]\s*$/;
const COMMENT_OR_BLANK = /^\s*(?:[;#]|$)/;

/**
 * Reads a settings file line by line; `ini` decodes each value. What that library would drop or cut short in silence is
 * refused here.
 * @param file names the file in problems and origins
 */
export function readIni(text: string, file: string): Reading {
  const reading = new ReadingBuilder();
  // undefined before the first heading and under one that was refused.
  let section: string | undefined;
  let underHeading = false;
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (COMMENT_OR_BLANK.test(line)) continue;
    const origin = `${file}:${index + 1}`;
    const heading = HEADING.exec(line)?.[1]?.trim();
    if (heading !== undefined) {
      underHeading = true;
      const refused = refuseSection(heading);
      section = refused === undefined ? heading : undefined;
      if (refused !== undefined) reading.refuse(origin, refused);
    } else if (/^\s*\[/.test(line)) {
      reading.refuse(origin, "a section is written as [name], alone on its line and from its beginning");
      section = undefined;
      underHeading = true;
    } else if (section !== undefined) {
      readPair(line, section, origin, reading);
    } else if (!underHeading) {
      reading.refuse(origin, `${quote(line.split("=")[0]?.trim() ?? "")} stands before the first [section]`);
    }
  }
  return reading;
}

function readPair(line: string, section: string, origin: string, reading: ReadingBuilder): void {
  const equals = line.indexOf("=");
  const key = (equals < 0 ? line : line.slice(0, equals)).trim();
  const raw = equals < 0 ? undefined : line.slice(equals + 1).trim();
  const refused = refuseKey(section, key);
  if (refused !== undefined) {
    reading.refuse(origin, refused);
    return;
  }
  if (!reading.claim(section, key, origin)) return;
  const fault = raw === undefined ? `no value: write ${key}=value` : findFault(raw);
  if (fault !== undefined) reading.refuse(origin, `[${section}] ${key}: ${fault}`);
  else if (raw !== undefined) reading.add({ section, key, text: decodeValue(raw), origin });
}

/** What would come out of `ini` other than it was written; undefined when nothing does. */
function findFault(raw: string): string | undefined {
  if (/[\u2028\u2029]/.test(raw)) return "the value holds an invisible line separator";
  const quoted = raw.length > 1 && /^(["']).*\1$/.test(raw);
  if (!quoted) return findUnquotedFault(raw);
  if (raw.startsWith("'")) {
    if (decodeValue(raw) === raw.slice(1, -1)) return undefined;
    return 'the value in single quotes is ambiguous: use "double quotes"';
  }
  return isJsonString(raw)
    ? undefined
    : 'between "double quotes" write \\" for a quote and \\\\ for a backslash';
}

function findUnquotedFault(raw: string): string | undefined {
  const mark = /(?<!\\)(?:\\\\)*([;#])/.exec(raw)?.[1];
  if (mark !== undefined) {
    return `the value holds ${mark} and would be cut short there: write it in "double quotes" (a comment stands on a line of its own)`;
  }
  if (/^["']/.test(raw)) return "the quotes around the value are not closed at its end";
  return raw.includes("\\\\")
    ? 'the value holds \\\\: write it in "double quotes" and double each \\ there'
    : undefined;
}

function decodeValue(raw: string): string {
  return String(parse(`value=${raw}`).value);
}

function isJsonString(raw: string): boolean {
  try {
    return typeof JSON.parse(raw) === "string";
  } catch {
    return false;
  }
}
