/** One event's headers, as FreeSWITCH spells them; a value given several times comes as a list. */
export type ChannelEvent = Readonly<Record<string, unknown>>;

/** Undefined when the header is missing or no text. */
export function readHeader(event: ChannelEvent, name: string): string | undefined {
  const value = event[name];
  return typeof value === "string" ? value : undefined;
}

/** Why a channel ended, of its CHANNEL_HANGUP_COMPLETE. */
export function readCause(event: ChannelEvent): string {
  return toCause(readHeader(event, "Hangup-Cause") ?? "NORMAL_UNSPECIFIED");
}

/**
 * With `leg_timeout` FreeSWITCH says ALLOTTED_TIMEOUT where everybody else says NO_ANSWER. Causes are put into JSON
 * and logs: what is not spelled as one is none.
 */
export function toCause(text: string): string {
  if (!/^[A-Z][A-Z0-9_]{2,47}$/.test(text)) return "NORMAL_UNSPECIFIED";
  return text === "ALLOTTED_TIMEOUT" ? "NO_ANSWER" : text;
}
