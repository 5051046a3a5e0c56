/** Audio codecs by the names that the signaling protocol uses; `unknown` passes through like any other. */
export type AudioCodec = "AAC" | "G711A" | "G711U" | "L16" | "MP3" | "OPUS" | "unknown";
export type VideoCodec = "H264" | "H265" | "unknown";

/**
 * `config`: a sequence header (AudioSpecificConfig, AVC/HEVC decoder configuration), needed before any other frame.
 * `key`: decodable by itself (each audio frame, a video key frame, data such as a cue point). `delta`: needs what came
 * before. `metadata`: onMetaData, which a joiner gets.
 */
export type FrameRole = "config" | "key" | "delta" | "metadata";

/** One frame as it travels through the house. Treat `body` as immutable: every player shares it. */
export type Frame = {
  readonly kind: "audio" | "video" | "data";
  readonly codec: AudioCodec | VideoCodec | "AMF";
  readonly role: FrameRole;
  /** Milliseconds, unsigned 32 bits, wraps. */
  readonly timestampMs: number;
  /** The FLV tag body (RTMP carries the very same bytes), so that relaying copies and converts nothing. */
  readonly body: Uint8Array;
  /** The frame as each wire format sends it, made once and shared by all players of that format. */
  readonly wire: (Uint8Array | undefined)[];
};

/** A wire format claims one slot of `Frame.wire`. */
export type WireFormat = { readonly slot: number; readonly encode: (frame: Frame) => Uint8Array };

let slots = 0;

export function defineWireFormat(encode: (frame: Frame) => Uint8Array): WireFormat {
  return { slot: slots++, encode };
}

export function toWire(frame: Frame, format: WireFormat): Uint8Array {
  const known = frame.wire[format.slot];
  if (known !== undefined) return known;
  const bytes = format.encode(frame);
  frame.wire[format.slot] = bytes;
  return bytes;
}
