const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Whether arrays and objects in this JSON text lie deeper in each other than `limit`. Costs a fraction of what parsing does,
 * which takes long for text that is nothing but brackets. Tells nothing of what is no JSON.
 */
export function isNestedDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (isInString) {
      if (character === BACKSLASH) at++;
      else if (character === QUOTE) isInString = false;
    } else if (character === QUOTE) isInString = true;
    else if (OPENING.has(character)) {
      if (++depth > limit) return true;
    } else if (CLOSING.has(character)) depth--;
  }
  return false;
}
