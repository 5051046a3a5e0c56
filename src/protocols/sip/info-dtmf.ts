import type { SipHeader } from "./headers.ts";
import type { SipRequest } from "./message.ts";
import { contentTypeOf } from "./sdp-body.ts";
import { fromWireBytes, toWireBytes } from "./wire-text.ts";

/** One key, as INFO carries it: application/dtmf-relay (Cisco) or application/dtmf. */
export type InfoDtmf = { readonly key: string; readonly durationMs: number };

const DTMF_RELAY = "application/dtmf-relay";
const TYPES = [DTMF_RELAY, "application/dtmf"];
const DEFAULT_DURATION_MS = 160;
const MAX_DURATION_MS = 10_000;
const SIGNAL = /^signal[ \t]*=[ \t]*([0-9A-D*#]|1[0-5])[ \t]*$/im;
const DURATION = /^duration[ \t]*=[ \t]*([0-9]{1,6})[ \t]*$/im;
const PLAIN = /^[ \t]*([0-9A-D*#]|1[0-5])[ \t]*$/i;
const EVENTS = "0123456789*#ABCD";

/** What an INFO says, and how to answer it: an empty one only asks whether the call still is. */
export function readInfo({ headers, body }: SipRequest): {
  readonly status: number;
  readonly headers: readonly SipHeader[];
  readonly dtmf: InfoDtmf | undefined;
} {
  const contentType = contentTypeOf(headers.first("content-type"));
  if (!TYPES.includes(contentType)) {
    const isEmpty = body.length === 0;
    const accept = { name: "Accept", value: TYPES.join(", ") };
    return { status: isEmpty ? 200 : 415, headers: isEmpty ? [] : [accept], dtmf: undefined };
  }
  const dtmf = decodeInfoDtmf(contentType, body);
  return { status: dtmf === undefined ? 400 : 200, headers: [], dtmf };
}

/** Undefined for a body that names no key. */
function decodeInfoDtmf(contentType: string, body: Uint8Array): InfoDtmf | undefined {
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

export const INFO_DTMF_TYPE: SipHeader = { name: "Content-Type", value: DTMF_RELAY };

export function encodeInfoDtmf({ key, durationMs }: InfoDtmf): Uint8Array {
  return toWireBytes(`Signal=${key}\r\nDuration=${durationMs}\r\n`);
}
