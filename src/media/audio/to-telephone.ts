import { AppError } from "../../errors.ts";
import type { CodedAudio } from "./coded-audio.ts";

/** What one RTP audio packet carries; L16 is big-endian at 16,000. */
export type TelephoneCodec = "PCMA" | "PCMU" | "L16";

export type ToTelephoneOptions = { readonly codec: TelephoneCodec; readonly ptimeMs: number };

/** App → telephone: coded sound of a stream in, one packet's payload out on each beat of the telephone's clock. */
export class ToTelephone {
  constructor(readonly options: ToTelephoneOptions) {}

  /** Throws AppError `peer` for a config that cannot be decoded, once; pulling goes on with comfort noise. */
  push(coded: CodedAudio, nowMs: number): void {
    throw new AppError("bug", "audio.not-yet", { codec: coded.codec, nowMs });
  }

  /** A new publisher took the stream: its time has nothing to do with what was before. */
  restart(): void {
    throw new AppError("bug", "audio.not-yet");
  }

  /** Exactly one packet's payload, always: sound, concealment or comfort noise. Valid until the next call. */
  pull(nowMs: number): Uint8Array {
    throw new AppError("bug", "audio.not-yet", { nowMs });
  }
}
