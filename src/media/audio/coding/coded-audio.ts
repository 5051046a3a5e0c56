import type { AudioCodec } from "../../frame.ts";

/** Coded sound without a container around it, as it travels between streams, codecs and telephones. */
export type CodedAudio = {
  readonly codec: AudioCodec;
  /** `config` is an AudioSpecificConfig; of all others each frame is decodable by itself. */
  readonly role: "config" | "key";
  /** Milliseconds, unsigned 32 bits, wraps. */
  readonly timestampMs: number;
  /** AudioSpecificConfig, AAC access unit, G.711 bytes, L16 little-endian. */
  readonly data: Uint8Array;
  /** 8,000 of G.711, as given of L16; of AAC only what the container says, 0 for nothing: its config counts. */
  readonly sampleRate: number;
  readonly channelCount: number;
};

/** Receives coded sound: the object and its `data` belong to the giver and are valid during the call only. */
export type OnCodedAudio = (coded: CodedAudio) => void;
