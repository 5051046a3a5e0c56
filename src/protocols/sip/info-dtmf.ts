import { fromWireBytes, toWireBytes } from "./wire-text.ts";

/** One key, as INFO carries it: application/dtmf-relay (Cisco) or application/dtmf. */
export type InfoDtmf = { readonly key: string; readonly durationMs: number };

export const DTMF_RELAY = "application/dtmf-relay";
const DEFAULT_DURATION_MS = 160;
const MAX_DURATION_MS = 10_000;
const SIGNAL = /^signal[ \t]*=[ \t]*([0-9A-D*#]|1[0-5])[ \t]*$/im;
const DURATION = /^duration[ \t]*=[ \t]*([0-9]{1,6})[ \t]*$/im;
const PLAIN = /^[ \t]*([0-9A-D*#]|1[0-5])[ \t]*$/i;
const EVENTS = "0123456789*#ABCD";

/** `contentType` in lower case, without parameters. Undefined for a body that names no key. */
export function decodeInfoDtmf(contentType: string, body: Uint8Array): InfoDtmf | undefined {
  const text = fromWireBytes(body).replaceAll("\r", "");
  const pattern = contentType === DTMF_RELAY ? SIGNAL : PLAIN;
  const signal = pattern.exec(contentType === DTMF_RELAY ? text : text.trim())?.[1];
  if (signal === undefined) return undefined;
  const duration = contentType === DTMF_RELAY ? DURATION.exec(text)?.[1] : undefined;
  return {
    // Two digits are an event of RFC 4733: 10 is *, 11 is #, 12 to 15 are A to D.
    key: signal.length === 2 ? (EVENTS[Number(signal)] ?? "") : signal.toUpperCase(),
    durationMs: Math.min(Number(duration ?? DEFAULT_DURATION_MS), MAX_DURATION_MS),
  };
}

export function encodeInfoDtmf({ key, durationMs }: InfoDtmf): Uint8Array {
  return toWireBytes(`Signal=${key}\r\nDuration=${durationMs}\r\n`);
}
