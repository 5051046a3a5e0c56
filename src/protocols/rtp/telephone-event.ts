import { AppError } from "../../errors.ts";

/** RFC 4733, section 2.3: event(8) end(1) reserved(1) volume(6) duration(16), in ticks of the payload's clock. */
export type TelephoneEvent = {
  readonly event: number;
  readonly isEnd: boolean;
  /** Below 0 dBm0, in dB. */
  readonly volume: number;
  readonly durationTicks: number;
};

export const TELEPHONE_EVENT_BYTE_COUNT = 4;

/** Digits by their event codes (section 3.2). */
const DIGITS = "0123456789*#ABCD";

export function decodeTelephoneEvent(payload: Uint8Array): TelephoneEvent {
  const [event, flags, high, low] = payload;
  if (event === undefined || flags === undefined || high === undefined || low === undefined) {
    const details = { need: TELEPHONE_EVENT_BYTE_COUNT, have: payload.length };
    throw new AppError("peer", "rtp.telephone-event-truncated", details);
  }
  return { event, isEnd: (flags & 0x80) !== 0, volume: flags & 0x3f, durationTicks: (high << 8) | low };
}

export function encodeTelephoneEvent(telephoneEvent: TelephoneEvent, payload: Uint8Array): void {
  payload[0] = telephoneEvent.event;
  payload[1] = (telephoneEvent.isEnd ? 0x80 : 0) | telephoneEvent.volume;
  payload[2] = telephoneEvent.durationTicks >>> 8;
  payload[3] = telephoneEvent.durationTicks;
}

/** The event code of one of `0-9*#A-D`, undefined for anything else. */
export function eventOfDigit(digit: string): number | undefined {
  const event = digit.length === 1 ? DIGITS.indexOf(digit.toUpperCase()) : -1;
  return event < 0 ? undefined : event;
}

/** The digit of an event code, undefined for the events that are none, such as flash. */
export function digitOfEvent(event: number): string | undefined {
  return DIGITS[event];
}
