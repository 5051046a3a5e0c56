import type { SipCall } from "./call.ts";
import type { InfoDtmf } from "./info-dtmf.ts";
import type { Reason } from "./reason.ts";

/** How a call ended: an outcome, not an error. */
export type CallEnd = {
  readonly by: "peer" | "us" | "network";
  readonly how:
    | "cancelled"
    | "refused"
    | "hung-up"
    /** The caller let no longer ring: Expires. */
    | "expired"
    /** Our answer was never acknowledged. */
    | "no-ack"
    /** The session was not refreshed (RFC 4028). */
    | "session-expired"
    /** A request of ours found no dialog, or no peer. */
    | "dialog-lost";
  /** What the peer, or whoever ended it here, gave as reasons. */
  readonly reasons: readonly Reason[];
};

export type SipEvent =
  /** A new call; ring, answer or refuse it. `sdp` is its offer; without one the answer has to hold ours. */
  | { readonly kind: "invited"; readonly call: SipCall; readonly sdp: Uint8Array | undefined }
  /** Our answer has arrived; `sdp` answers the offer that it held. */
  | { readonly kind: "acknowledged"; readonly call: SipCall; readonly sdp: Uint8Array | undefined }
  /** A re-INVITE or UPDATE; accept or decline it. `sdp` is its offer; without one ours is wanted. */
  | { readonly kind: "reoffered"; readonly call: SipCall; readonly sdp: Uint8Array | undefined }
  /** The answer to an offer of ours; without `status` it was accepted, and `sdp` says how. */
  | {
      readonly kind: "reanswered";
      readonly call: SipCall;
      readonly sdp: Uint8Array | undefined;
      readonly refusedWith: number | undefined;
    }
  | ({ readonly kind: "dtmf"; readonly call: SipCall } & InfoDtmf)
  /** Comes exactly once for each call. */
  | ({ readonly kind: "ended"; readonly call: SipCall } & CallEnd)
  /** The last event of a call: its BYE, if any, was answered or given up. */
  | { readonly kind: "closed"; readonly call: SipCall };
