/** One header field; the value is unfolded and trimmed, and holds one character for each byte of the wire. */
export type SipHeader = { readonly name: string; readonly value: string };

/** RFC 3261, section 7.3.3, with the forms of RFC 3515, 3841, 3892, 4028, 4474, 6665. */
const LONG_FORMS: ReadonlyMap<string, string> = new Map([
  ["a", "accept-contact"],
  ["b", "referred-by"],
  ["c", "content-type"],
  ["d", "request-disposition"],
  ["e", "content-encoding"],
  ["f", "from"],
  ["i", "call-id"],
  ["j", "reject-contact"],
  ["k", "supported"],
  ["l", "content-length"],
  ["m", "contact"],
  ["n", "identity-info"],
  ["o", "event"],
  ["r", "refer-to"],
  ["s", "subject"],
  ["t", "to"],
  ["u", "allow-events"],
  ["v", "via"],
  ["x", "session-expires"],
  ["y", "identity"],
]);

/** The header fields of one message, in order. Names are found in any case and in either form. */
export class SipHeaders {
  readonly #values = new Map<string, string[]>();

  constructor(readonly fields: readonly SipHeader[]) {
    for (const { name, value } of fields) {
      const key = keyOf(name);
      const values = this.#values.get(key);
      if (values === undefined) this.#values.set(key, [value]);
      else values.push(value);
    }
  }

  first(name: string): string | undefined {
    return this.#values.get(keyOf(name))?.[0];
  }

  /** The value of each line of that name. */
  all(name: string): readonly string[] {
    return this.#values.get(keyOf(name)) ?? [];
  }

  /** The values of that name, where commas separate as new lines do (RFC 3261, section 7.3.1). */
  list(name: string): readonly string[] {
    return this.all(name).flatMap(splitList);
  }

  /** Option tags, methods and content types: in lower case. */
  tokens(name: string): readonly string[] {
    return this.list(name).map((value) => value.toLowerCase());
  }
}

function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return LONG_FORMS.get(lower) ?? lower;
}

/** Splits at commas outside quoted strings and angle brackets; empty parts are left out. */
export function splitList(value: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let isBracketed = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (char === '"') at = endOfQuoted(value, at) - 1;
    else if (char === "<") isBracketed = true;
    else if (char === ">") isBracketed = false;
    else if (char === "," && !isBracketed) {
      parts.push(value.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(value.slice(from).trim());
  return parts.filter((part) => part !== "");
}

/** Where the quoted string that opens at `at` is over; the text's end if its closing quote is missing. */
export function endOfQuoted(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
