import { tagTypeOf } from "../../media/body/tag-frame.ts";
import { defineWireFormat, type Frame, type WireFormat } from "../../media/frame.ts";
import { encodeTag } from "../../protocols/flv/tag.ts";
import { encodeChunk } from "../../protocols/http/chunked.ts";
import { encodeFrame, Opcode } from "../../protocols/websocket/frame.ts";

/** The body of an HTTP/1.0 response, which ends with its connection: tags one after another. */
export const plainFlvFormat: WireFormat = defineWireFormat(encodeFrameAsTag);

/** One chunk of an HTTP/1.1 response a tag. */
export const chunkedFlvFormat: WireFormat = defineWireFormat((frame) => encodeChunk(encodeFrameAsTag(frame)));

/** One binary WebSocket message a tag. */
export const webSocketFlvFormat: WireFormat = defineWireFormat((frame) =>
  encodeFrame(Opcode.binary, encodeFrameAsTag(frame)),
);

function encodeFrameAsTag(frame: Frame): Uint8Array {
  return encodeTag({ type: tagTypeOf(frame), timestampMs: frame.timestampMs, body: frame.body });
}
