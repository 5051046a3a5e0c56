import { tagTypeOf } from "../../media/body/tag-frame.ts";
import { defineWireFormat, type Frame, type WireFormat } from "../../media/frame.ts";
import { encodeTag } from "../../protocols/flv/tag.ts";
import { chunkFiller, chunkOfOneByte, encodeChunk, encodeChunkRest } from "../../protocols/http/chunked.ts";
import { encodeFrame, Opcode } from "../../protocols/websocket/frame.ts";
import type { TrickleFormat } from "../tcp/trickle.ts";

/** The body of an HTTP/1.0 response, which ends with its connection: tags one after another. */
export const plainFlvFormat: WireFormat = defineWireFormat(encodeFrameAsTag);

/** One chunk of an HTTP/1.1 response a tag. */
export const chunkedFlvFormat: WireFormat = defineWireFormat((frame) => encodeChunk(encodeFrameAsTag(frame)));

/** Whose first byte is the type of a tag of sound. */
export const chunkedFlvTrickle: TrickleFormat = {
  opening: Buffer.concat([chunkOfOneByte, chunkFiller]),
  filler: chunkFiller,
  close: (sound) => encodeChunkRest(encodeFrameAsTag(sound)),
};

/** One binary WebSocket message a tag. */
export const webSocketFlvFormat: WireFormat = defineWireFormat((frame) =>
  encodeFrame(Opcode.binary, encodeFrameAsTag(frame)),
);

function encodeFrameAsTag(frame: Frame): Uint8Array {
  return encodeTag({ type: tagTypeOf(frame), timestampMs: frame.timestampMs, body: frame.body });
}
