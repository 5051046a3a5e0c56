import { encodeAmf0 } from "../../codecs/amf0/amf0.ts";
import { TagType, tagToFrame } from "../../media/body/tag-frame.ts";
import type { Frame } from "../../media/frame.ts";
import { amf0Bytes } from "../../protocols/rtmp/command.ts";
import { type Message, MessageType } from "../../protocols/rtmp/message.ts";

/** What publishers put before onMetaData to have the server keep it. */
const SET_DATA_FRAME = encodeAmf0("@setDataFrame");

/** The frame of an audio, video or data message; undefined if the message carries none. */
export function messageToFrame(message: Message): Frame | undefined {
  switch (message.typeId) {
    case MessageType.audio:
    case MessageType.video:
      return tagToFrame(message.typeId, message.timestampMs, message.payload);
    case MessageType.dataAmf0:
    case MessageType.dataAmf3:
      return tagToFrame(TagType.script, message.timestampMs, withoutSetDataFrame(amf0Bytes(message)));
    default:
      return undefined;
  }
}

function withoutSetDataFrame(body: Uint8Array): Uint8Array {
  const isMarked = SET_DATA_FRAME.every((byte, at) => body[at] === byte);
  return isMarked ? body.subarray(SET_DATA_FRAME.length) : body;
}
