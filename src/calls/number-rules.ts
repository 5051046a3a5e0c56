import type { DialWay } from "./ports.ts";

/** What may stand in each place of a number; `isOpen` allows anything behind. `text` is how a person wrote it. */
export type NumberPattern = {
  readonly text: string;
  readonly places: readonly string[];
  readonly isOpen: boolean;
};

/** A number that begins with `stripped` and goes on as `rest` is dialled without that, and with `added` before it. */
export type RewriteRule = { readonly stripped: string; readonly rest: NumberPattern; readonly added: string };

export type NumberRules = {
  /** The first rule that fits is applied, once. */
  readonly rewrite: readonly RewriteRule[];
  /** Empty: every number that is not denied. */
  readonly allow: readonly NumberPattern[];
  /** Wins over `allow`. */
  readonly deny: readonly NumberPattern[];
  /** Whether emergency numbers may be dialled; then neither of the two counts for them. */
  readonly emergency: boolean;
};

export type DialledNumber =
  | { readonly kind: "dial"; readonly number: string }
  | { readonly kind: "refused"; readonly cause: "INVALID_NUMBER_FORMAT" }
  /** `rule` is the pattern or the words of what denies it, undefined where none allows it. */
  | { readonly kind: "refused"; readonly cause: "OUTGOING_CALL_BARRED"; readonly rule: string | undefined };

/** None of these means anything in an ESL command, a dial string, a SIP URI's user part or a log. */
const DIALABLE = /^[+0-9*#A-Za-z._-]{1,64}$/;
/** Digits and keys, not a name; some write `.` and `-` between them (RFC 3966, section 5.1.1). */
const TELEPHONE_NUMBER = /^[+0-9*#.-]+$/;
const SEPARATORS = /[.-]/g;
/** Digits with what dial strings write between them: keys A to D, pauses, waits (RFC 3601, section 2; modems). */
const DIAL_STRING = /^[+0-9*#A-DPTWX._-]+$/i;
/** From so many keys on it is a telephone number, whatever letters stand between them. */
const LEAST_LONG_KEYS = 7;
const EMERGENCY_NUMBERS: readonly string[] = ["110", "112", "119", "120", "122", "911"];

/** Whether a number may be dialled at all, by its characters and its length. */
export function isDialable(number: string): boolean {
  return DIALABLE.test(number);
}

/** Police, fire and ambulance in China, and those that work from mobile telephones everywhere. */
export function isEmergency(number: string): boolean {
  return EMERGENCY_NUMBERS.includes(number);
}

/**
 * What is to be dialled for what a client asks for. Allow and deny look at the number as it goes out: without
 * separators, which switches ignore, and rewritten. Names are for FreeSWITCH's dialplan: gateways get no letter.
 */
export function applyNumberRules(asked: string, rules: NumberRules, via: DialWay): DialledNumber {
  if (!isDialable(asked)) return { kind: "refused", cause: "INVALID_NUMBER_FORMAT" };
  const number = dropSeparators(rewriteNumber(dropSeparators(asked), rules.rewrite));
  if (!isDialable(number) || hasStrayPlus(number)) return { kind: "refused", cause: "INVALID_NUMBER_FORMAT" };
  if (rules.emergency && isEmergency(number)) return { kind: "dial", number };
  const rule = findBar(number, rules, via);
  if (rule !== undefined) return { kind: "refused", cause: "OUTGOING_CALL_BARRED", rule };
  const isAllowed = rules.allow.length === 0 || rules.allow.some((one) => matchesPattern(number, one));
  if (isAllowed) return { kind: "dial", number };
  return { kind: "refused", cause: "OUTGOING_CALL_BARRED", rule: undefined };
}

/** What forbids the number, or anything that a switch may make of it. */
function findBar(number: string, { deny }: NumberRules, via: DialWay): string | undefined {
  if (via !== "dialplan" && !TELEPHONE_NUMBER.test(number)) return "letters through a gateway";
  const readings = listReadings(number);
  if (readings.some(isEmergency)) return "emergency";
  return deny.find((pattern) => readings.some((reading) => matchesPattern(reading, pattern)))?.text;
}

/**
 * The number, and what is left of it where somebody passes over what is no key, stops at a pause, or takes a # at the
 * end for the end of dialling.
 */
function listReadings(number: string): string[] {
  const bare = number.replace(/[._-]/g, "");
  const keys = number.replace(/[^+0-9*#]/g, "");
  const readings = [number, bare];
  if (DIAL_STRING.test(number) || keys.length >= LEAST_LONG_KEYS)
    readings.push(keys, bare.replace(/[A-Z].*$/i, ""));
  readings.push(...readings.map((reading) => reading.replace(/#+$/, "")));
  return [...new Set(readings)].filter((reading) => reading !== "");
}

/** The time that it takes grows with the number's length only. A letter fits in either case. */
export function matchesPattern(number: string, { places, isOpen }: NumberPattern): boolean {
  if (isOpen ? number.length < places.length : number.length !== places.length) return false;
  return places.every((place, index) => {
    const character = number.charAt(index);
    return place.includes(character.toLowerCase()) || place.includes(character.toUpperCase());
  });
}

function dropSeparators(number: string): string {
  return TELEPHONE_NUMBER.test(number) ? number.replace(SEPARATORS, "") : number;
}

function rewriteNumber(number: string, rules: readonly RewriteRule[]): string {
  for (const { stripped, rest, added } of rules) {
    if (!number.startsWith(stripped)) continue;
    const kept = number.slice(stripped.length);
    if (matchesPattern(kept, rest)) return added + kept;
  }
  return number;
}

/** Switches differ in what they make of a plus in mid-number: `0+0…` must not become `00…` behind the rules. */
function hasStrayPlus(number: string): boolean {
  return number.lastIndexOf("+") > 0;
}
