import { type ChannelEvent, readHeader } from "./channel-event.ts";
import type { TelephoneCall } from "./telephone-call.ts";

export type LiveCall = {
  /** The channel that it stands and falls with: our leg, or the vendor's module's. */
  readonly legId: string;
  readonly call: TelephoneCall;
  /** The vendor's module does not mark its channels as ours: each has a filter of its own. */
  readonly hasFilter: boolean;
  /** Whether FreeSWITCH has said that our leg is up. */
  isUp: boolean;
  isHungUp: boolean;
  /** Whether our leg was not there yet when it was to be killed. */
  hasEscaped: boolean;
};

/** A telephone's channel names ours as its other leg; once ours is gone, its own id is the call's. */
export function findCall(calls: ReadonlyMap<string, LiveCall>, event: ChannelEvent): LiveCall | undefined {
  for (const name of ["Unique-ID", "Other-Leg-Unique-ID", "Channel-Call-UUID"]) {
    const live = calls.get(readHeader(event, name) ?? "");
    if (live !== undefined) return live;
  }
  return undefined;
}

/** Our leg was answered, or dials already. */
export function isSignOfLife(event: ChannelEvent, { call: { ourLegId } }: LiveCall): boolean {
  return readHeader(event, "Unique-ID") !== ourLegId || readHeader(event, "Event-Name") === "CHANNEL_ANSWER";
}
