const FOREIGN = /[^\p{L}\p{N}._+-]/gu;
const MAX_CHARS = 64;

/** The part of a caller's name that may stand in FreeSWITCH's commands; undefined if nothing is left. */
export function toCallerName(name: string): string | undefined {
  // Cut by characters: half of a surrogate pair is no character.
  return [...name.replace(FOREIGN, "")].slice(0, MAX_CHARS).join("") || undefined;
}
