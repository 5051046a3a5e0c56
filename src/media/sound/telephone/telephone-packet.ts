import type { RtpCodecName } from "../../../codecs/codec-names.ts";

/** What one RTP audio packet carries: G.711 at 8,000, or L16 (big-endian) at 16,000. */
export type TelephoneCodec = RtpCodecName;

/** Samples a second, which is also the rate of the RTP clock. */
export function rateOf(codec: TelephoneCodec): 8_000 | 16_000 {
  return codec === "L16" ? 16_000 : 8_000;
}

/** One RTP packet from the telephone. The receiver copies what it keeps, so the caller may reuse object and bytes. */
export type TelephonePacket = {
  readonly sequenceNumber: number;
  readonly rtpTimestamp: number;
  /** A different one is a different sender: everything is synchronised anew. */
  readonly ssrc: number;
  /** `CN` is RFC 3389. `other` (telephone-event and the like) has no sound but takes its place in the sequence. */
  readonly payloadKind: TelephoneCodec | "CN" | "other";
  readonly payload: Uint8Array;
};
