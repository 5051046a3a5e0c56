import { defineWireFormat, type Frame, type WireFormat } from "../../media/frame.ts";
import { encodeTag } from "../../protocols/flv/tag.ts";
import { encodeFrame, Opcode } from "../../protocols/websocket/frame.ts";
import { tagTypeOf } from "../media/tag-frame.ts";

/** The body of an HTTP response: tags one after another. */
export const httpFlvFormat: WireFormat = defineWireFormat(encodeFrameAsTag);

/** One binary WebSocket message a tag. */
export const webSocketFlvFormat: WireFormat = defineWireFormat((frame) =>
  encodeFrame(Opcode.binary, encodeFrameAsTag(frame)),
);

function encodeFrameAsTag(frame: Frame): Uint8Array {
  return encodeTag({ type: tagTypeOf(frame), timestampMs: frame.timestampMs, body: frame.body });
}
