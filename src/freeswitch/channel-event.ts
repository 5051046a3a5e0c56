/** One event's headers, as FreeSWITCH spells them; a value given several times comes as a list. */
export type ChannelEvent = Readonly<Record<string, unknown>>;

/** Undefined when the header is missing or no text. */
export function readHeader(event: ChannelEvent, name: string): string | undefined {
  const value = event[name];
  return typeof value === "string" ? value : undefined;
}

export type Hangup = {
  readonly cause: string;
  /** What the SIP side said, if it was SIP that refused. */
  readonly sipCode: number | undefined;
  /** Whether the channel's own far side hung up or refused, rather than FreeSWITCH. */
  readonly isByPeer: boolean;
};

/** Of a CHANNEL_HANGUP_COMPLETE. */
export function readHangup(event: ChannelEvent): Hangup {
  const cause = readHeader(event, "Hangup-Cause") ?? "NORMAL_UNSPECIFIED";
  const sip = /^sip:([3-6]\d\d)$/.exec(readHeader(event, "variable_proto_specific_hangup_cause") ?? "")?.[1];
  return {
    cause: toCause(cause),
    sipCode: sip === undefined ? undefined : Number(sip),
    isByPeer: readHeader(event, "variable_sip_hangup_disposition")?.startsWith("recv_") ?? false,
  };
}

/**
 * With `leg_timeout` FreeSWITCH says ALLOTTED_TIMEOUT where everybody else says NO_ANSWER. Causes are put into JSON
 * and logs: what is not spelled as one is none.
 */
export function toCause(text: string): string {
  if (!/^[A-Z][A-Z0-9_]{2,47}$/.test(text)) return "NORMAL_UNSPECIFIED";
  return text === "ALLOTTED_TIMEOUT" ? "NO_ANSWER" : text;
}
