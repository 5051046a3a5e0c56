import type { DialWay, VendorWords } from "./ports.ts";

/** A call that somebody orders for an app: the manual's `nway_wx_api`. */
export type TelephoneOrder = {
  /** The call's id; undefined: the gateway makes one up. */
  readonly callId: string | undefined;
  /** Whom the telephone sees calling. */
  readonly callerName: string | undefined;
  readonly number: string;
  /** FreeSWITCH's gateway; undefined: its dialplan decides. */
  readonly gateway: string | undefined;
  /** Played to the app before it rings, instead of the configured one. */
  readonly clip: Float32Array | undefined;
  /** Where the app pushes and where it plays; undefined: URLs are made up. */
  readonly pushUrl: string | undefined;
  readonly pullUrl: string | undefined;
  readonly vendor: VendorWords;
};

/** The cause is in capitals, the message for people. */
export type OrderRefusal = {
  readonly reason: "taken" | "unavailable" | "unfit";
  readonly cause: string;
  readonly message: string;
};

export function refuseOrder(reason: OrderRefusal["reason"], cause: string, message: string): OrderRefusal {
  return { reason, cause, message };
}

export function wayOf({ gateway }: TelephoneOrder): DialWay {
  return gateway === undefined ? "dialplan" : { gateway };
}
