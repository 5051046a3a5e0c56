import type { LogFields } from "../log.ts";
import type { EncodedCodec } from "../media/audio/coding/audio-encoder.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";

/** Instead of a message: there is sound in the ring. */
export const READ = "read";

/** Everything but sound goes by messages. */
export type ToThread =
  | typeof READ
  | ({ readonly do: "begin" } & ThreadBegin)
  | LineOrder
  /** Asks whether the thread still answers. */
  | { readonly do: "answer" }
  | { readonly do: "stop" };

/** A line is a telephone's sound on a voice thread; its number is used once. */
export type LineOrder = {
  readonly line: number;
} /** Asks for ports; into `media` the line writes its counters (LineMedia). */ & (
  | { readonly do: "open"; readonly media: SharedArrayBuffer }
  | ({ readonly do: "start" } & LineStart)
  /** Players want the telephone's sound in this codec from now on. */
  | { readonly do: "speak-in"; readonly codec: EncodedCodec }
  | { readonly do: "be-heard" }
  | { readonly do: "send-digits"; readonly digits: string }
  | { readonly do: "update"; readonly audio: AgreedAudio }
  | { readonly do: "end" }
  /** Frees the ports, after a while if there is sound. */
  | { readonly do: "finish" }
);

export type ThreadBegin = {
  /** The ring with what telephones hear, and the one with what they say. */
  readonly heard: SharedArrayBuffer;
  readonly spoken: SharedArrayBuffer;
  /** How late packets are sent of late: one 64-bit float, in milliseconds. */
  readonly late: SharedArrayBuffer;
  readonly host: string;
  readonly ports: { readonly first: number; readonly last: number };
  /** Addresses and networks that sound may come from, whichever telephone's. */
  readonly allow: readonly string[];
};

export type LineStart = {
  readonly audio: AgreedAudio;
  readonly from: string;
  readonly hears: boolean;
  /** Undefined: the telephone is not heard. */
  readonly spokenCodec: EncodedCodec | undefined;
};

export type FromThread =
  | typeof READ
  | { readonly did: "open"; readonly line: number; readonly rtpPort: number | undefined }
  | { readonly did: "finish"; readonly line: number }
  | { readonly did: "digit"; readonly line: number; readonly digit: string }
  | {
      readonly did: "log";
      /** Undefined: it is about the thread. */
      readonly line: number | undefined;
      readonly level: "debug" | "info" | "warn" | "error";
      readonly event: string;
      readonly fields: LogFields;
    }
  | { readonly did: "answer" }
  | { readonly did: "stop" };
