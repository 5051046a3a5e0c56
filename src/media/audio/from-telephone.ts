import { AppError } from "../../errors.ts";
import type { AudioEncoderOptions } from "./audio-encoder.ts";
import type { OnCodedAudio } from "./coded-audio.ts";
import type { TelephoneCodec } from "./to-telephone.ts";

export type TelephonePacket = {
  readonly sequenceNumber: number;
  /** Of the payload's clock: 8,000, or 16,000 for L16. */
  readonly rtpTimestamp: number;
  /** A different one is a different sender: everything is synchronised anew. */
  readonly ssrc: number;
  readonly payloadKind: TelephoneCodec | "CN";
  /** May be reused by the caller after the call. */
  readonly payload: Uint8Array;
};

export type FromTelephoneOptions = {
  /** What the telephone side negotiated: it decides the clock, 8,000 or 16,000. */
  readonly telephoneCodec: TelephoneCodec;
  readonly target: Omit<AudioEncoderOptions, "inputRate">;
  readonly onCoded: OnCodedAudio;
  /** Of the first frame handed out; 0 by default. */
  readonly startTimestampMs?: number;
};

/** Telephone → app: RTP payloads in as they arrive, an unbroken line of coded sound out, encoded at once. */
export class FromTelephone {
  constructor(readonly options: FromTelephoneOptions) {}

  push(packet: TelephonePacket, nowMs: number): void {
    throw new AppError("bug", "audio.not-yet", { sequenceNumber: packet.sequenceNumber, nowMs });
  }

  /** Call it each packet time: fills with concealment, then comfort noise or silence, what did not come. */
  tick(nowMs: number): void {
    throw new AppError("bug", "audio.not-yet", { nowMs });
  }
}
