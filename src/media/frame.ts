import type { CodecName } from "../codecs/codec-names.ts";

/** `unknown` passes through like any other. */
export type AudioCodec = CodecName | "unknown";
export type VideoCodec = "H264" | "H265" | "unknown";

/** What each kind of frame has. All frames list their members in this order, so that engines see one shape. */
type FrameOf<Kind, Codec, Role> = {
  readonly kind: Kind;
  readonly codec: Codec;
  readonly role: Role;
  /** Milliseconds, unsigned 32 bits, wraps. */
  readonly timestampMs: number;
  /** The FLV tag body (RTMP carries the very same bytes), so that relaying copies and converts nothing. */
  readonly body: Uint8Array;
  /** The frame as each wire format sends it, made once and shared by all players of that format. */
  readonly wire: (Uint8Array | undefined)[];
};

/** `config`: an AudioSpecificConfig, which is needed before any other frame. `key`: every coded frame. */
export type AudioFrame = FrameOf<"audio", AudioCodec, "config" | "key">;

/**
 * `config`: the AVC or HEVC decoder configuration, which is needed before any other frame. `key`: decodable by itself.
 * `delta`: needs what came before.
 */
export type VideoFrame = FrameOf<"video", VideoCodec, "config" | "key" | "delta">;

/** `metadata`: onMetaData, which a joiner gets. `key`: other data, such as a cue point. */
export type DataFrame = FrameOf<"data", "AMF", "metadata" | "key">;

/** One frame as it travels through the house. Treat `body` as immutable: every player shares it. */
export type Frame = AudioFrame | VideoFrame | DataFrame;

/** One stage on the way of frames through a stream; `nowMs` is when the frame came. */
export interface FrameStage {
  push(frame: Frame, nowMs: number): void;
}

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
