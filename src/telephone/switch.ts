import type { DialWay, LegProgress } from "../calls/ports.ts";

export type SwitchCall = {
  /** The user part of our own SIP address that the switch is to call. */
  readonly session: string;
  readonly number: string;
  readonly callerNumber: string;
  readonly callerName: string;
  /** Undefined: the configured way. */
  readonly via: DialWay | undefined;
};

export interface PlacedCall {
  /** The switch's id of the channel that the call stands and falls with: our own leg, where we have one. */
  readonly ourLegId: string;
  /** Ends it. `ended` is reported as for any other end. It may be called twice. */
  hangUp(): void;
}

/** What places calls to telephones: FreeSWITCH, which calls our own SIP address first and joins the two. */
export interface TelephoneSwitch {
  /** Why no call can be placed at present; undefined if one can. */
  readonly problem: string | undefined;
  /** Whether it seems to be gone: it cannot be reached, or has not answered for a while. */
  readonly seemsGone: boolean;
  /** Asks it whether it is there, unless it was heard just now. `seemsGone` tells. */
  ask(): void;
  /** Whether SIP from that address comes from it. */
  isAt(address: string): boolean;
  /** Throws AppError for a value that cannot be sent. */
  placeCall(call: SwitchCall, report: (event: LegProgress) => void): PlacedCall;
}
