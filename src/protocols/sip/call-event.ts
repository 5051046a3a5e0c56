import type { InfoDtmf } from "./info-dtmf.ts";
import type { Reason } from "./reason.ts";

/** How a call ended: an outcome, not an error. */
export type CallEnd = {
  readonly by: "peer" | "us" | "network";
  readonly how: /** Whoever made the call gave it up before the answer. */
    | "cancelled"
    | "refused"
    | "hung-up"
    /** The caller lets it ring no longer: Expires. */
    | "expired"
    /** Our INVITE got no answer. */
    | "no-response"
    /** Our answer was never acknowledged. */
    | "no-ack"
    /** The session was not refreshed (RFC 4028). */
    | "session-expired"
    /** A request of ours found no dialog, or no peer. */
    | "dialog-lost";
  /** The status that refused an INVITE of ours. */
  readonly status?: number;
  /** What the peer, or whoever ended it here, gave as reasons. */
  readonly reasons: readonly Reason[];
};

/** What happens to one call. */
export type SipCallEvent =
  /** Our INVITE is being dealt with; a status from 101 to 199. With `sdp` there may be early media. */
  | { readonly kind: "progress"; readonly status: number; readonly sdp: Uint8Array | undefined }
  /** Our INVITE was answered; `sdp` answers its offer. */
  | { readonly kind: "answered"; readonly sdp: Uint8Array | undefined }
  /** Our answer to an INVITE has arrived; `sdp` answers the offer that it held. */
  | { readonly kind: "acknowledged"; readonly sdp: Uint8Array | undefined }
  /** A re-INVITE or UPDATE; accept or decline it. `sdp` is its offer; without one ours is wanted. */
  | { readonly kind: "reoffered"; readonly sdp: Uint8Array | undefined }
  /** The answer to an offer of ours; without `refusedWith` it was accepted, and `sdp` says how. */
  | {
      readonly kind: "reanswered";
      readonly sdp: Uint8Array | undefined;
      readonly refusedWith: number | undefined;
    }
  | ({ readonly kind: "dtmf" } & InfoDtmf)
  /** Comes exactly once for each call. */
  | ({ readonly kind: "ended" } & CallEnd)
  /** The last event of a call: its BYE or CANCEL, if any, was answered or given up. */
  | { readonly kind: "closed" };

export type SipCallListener = (event: SipCallEvent, nowMs: number) => void;
