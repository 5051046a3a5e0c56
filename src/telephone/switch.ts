import type { PhoneWay } from "../calls/ports.ts";

/** What becomes of a call that the switch places; each comes at most once, in this order. */
export type SwitchEvent =
  | { readonly kind: "ringing" }
  /** The far end's sound is on our leg from now on. */
  | { readonly kind: "early-media" }
  | { readonly kind: "answered" }
  | { readonly kind: "ended"; readonly cause: string };

export type SwitchCall = {
  /** The user part of our own SIP address that the switch is to call. */
  readonly session: string;
  readonly number: string;
  readonly callerNumber: string;
  readonly callerName: string;
  /** Undefined: as configured. */
  readonly via: PhoneWay | undefined;
};

export interface PlacedCall {
  /** Of our own leg, as the switch calls it. */
  readonly ourLegId: string;
  /** `ended` is reported as for any other end. Twice is safe. */
  hangUp(): void;
}

/** What places calls to telephones: FreeSWITCH, which calls our own SIP address first and joins the two. */
export interface TelephoneSwitch {
  /** Why no call can be placed at present; undefined if one can. */
  readonly problem: string | undefined;
  /** Throws AppError for a value that cannot be sent. */
  placeCall(call: SwitchCall, report: (event: SwitchEvent) => void): PlacedCall;
}
