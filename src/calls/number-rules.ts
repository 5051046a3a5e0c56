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
};

export type DialledNumber =
  | { readonly kind: "dial"; readonly number: string }
  | { readonly kind: "refused"; readonly cause: "INVALID_NUMBER_FORMAT" }
  /** `rule` is the pattern that denies it, undefined where none allows it. */
  | { readonly kind: "refused"; readonly cause: "OUTGOING_CALL_BARRED"; readonly rule: string | undefined };

/** None of these means anything in an ESL command, a dial string, a SIP URI's user part or a log. */
const DIALABLE = /^[+0-9*#A-Za-z._-]{1,64}$/;
/** Digits and keys, not a name; some write `.` and `-` between them (RFC 3966, section 5.1.1). */
const TELEPHONE_NUMBER = /^[+0-9*#.-]+$/;
const SEPARATORS = /[.-]/g;
/** In a name they may stand; whatever else passes it over must not dial by them what is denied. */
const IGNORABLE = /[._-]/g;

/** Whether a number may be dialled at all, by its characters and its length. */
export function isDialable(number: string): boolean {
  return DIALABLE.test(number);
}

/**
 * What is to be dialled for what a client asks for. Allow and deny look at the number as it goes out: without
 * separators, which switches ignore, and rewritten.
 */
export function applyNumberRules(asked: string, { rewrite, allow, deny }: NumberRules): DialledNumber {
  if (!isDialable(asked)) return { kind: "refused", cause: "INVALID_NUMBER_FORMAT" };
  const number = dropSeparators(rewriteNumber(dropSeparators(asked), rewrite));
  if (!isDialable(number) || hasStrayPlus(number)) return { kind: "refused", cause: "INVALID_NUMBER_FORMAT" };
  const bare = number.replace(IGNORABLE, "");
  const denying = deny.find((pattern) => matchesPattern(number, pattern) || matchesPattern(bare, pattern));
  if (denying === undefined && (allow.length === 0 || allow.some((one) => matchesPattern(number, one)))) {
    return { kind: "dial", number };
  }
  return { kind: "refused", cause: "OUTGOING_CALL_BARRED", rule: denying?.text };
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
