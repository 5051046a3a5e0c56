/** ITU-T X.690: what a certificate needs of the distinguished encoding rules. Each function gives one whole element. */
const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Class context-specific. */
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return element(Tag.sequence, ...elements);
}

export function set(...elements: readonly Uint8Array[]): Uint8Array {
  return element(Tag.set, ...elements);
}

/** An explicit tag around another element. */
export function explicit(number: number, content: Uint8Array): Uint8Array {
  return element(CONTEXT | CONSTRUCTED | number, content);
}

/** An implicit tag in place of a primitive type's own. */
export function implicit(number: number, content: Uint8Array): Uint8Array {
  return element(CONTEXT | number, content);
}

export function boolean(value: boolean): Uint8Array {
  return element(Tag.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** @param magnitude big-endian, not negative, of any length */
export function integer(magnitude: Uint8Array): Uint8Array {
  const first = magnitude.findIndex((byte) => byte !== 0);
  if (first < 0) return element(Tag.integer, Uint8Array.of(0));
  const digits = magnitude.subarray(first);
  const isNegative = (digits[0] ?? 0) >= 0x80;
  return element(Tag.integer, ...(isNegative ? [Uint8Array.of(0), digits] : [digits]));
}

/** @param unusedBitCount of the last byte, at its low end */
export function bitString(bytes: Uint8Array, unusedBitCount = 0): Uint8Array {
  return element(Tag.bitString, Uint8Array.of(unusedBitCount), bytes);
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(Tag.octetString, bytes);
}

export function utf8String(text: string): Uint8Array {
  return element(Tag.utf8String, new TextEncoder().encode(text));
}

/** @param dotted such as `2.5.4.3` */
export function objectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return element(Tag.objectId, Uint8Array.from([first * 40 + second, ...others].flatMap(base128)));
}

/** RFC 5280, section 4.1.2.5: two digits for the year until 2049, and four from then on. */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/\.\d{3}|[-:T]/g, "");
  const isShort = digits < "2050";
  return element(
    isShort ? Tag.utcTime : Tag.generalizedTime,
    new TextEncoder().encode(isShort ? digits.slice(2) : digits),
  );
}

function base128(number: number): number[] {
  const groups = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const byteCount = contents.reduce((sum, content) => sum + content.length, 0);
  const head = [tag, ...encodeLength(byteCount)];
  const whole = new Uint8Array(head.length + byteCount);
  whole.set(head);
  let at = head.length;
  for (const content of contents) {
    whole.set(content, at);
    at += content.length;
  }
  return whole;
}

function encodeLength(byteCount: number): number[] {
  if (byteCount < 0x80) return [byteCount];
  const digits: number[] = [];
  for (let rest = byteCount; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return [0x80 | digits.length, ...digits];
}
