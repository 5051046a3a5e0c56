const FOREIGN = /[^\p{L}\p{N}._+-]/gu;
const MAX_CHARS = 64;

/** What of a caller's name may stand in FreeSWITCH's commands; undefined if nothing. */
export function toCallerName(name: string): string | undefined {
  // By characters: half of a surrogate pair is none.
  return [...name.replace(FOREIGN, "")].slice(0, MAX_CHARS).join("") || undefined;
}
