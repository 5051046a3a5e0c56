import type { AmfValue } from "../../codecs/amf0/amf0.ts";
import { encodeChunks } from "../../protocols/rtmp/chunk-encoder.ts";
import { encodeCommand } from "../../protocols/rtmp/command.ts";
import { encodeUserControl, type Message, MessageType } from "../../protocols/rtmp/message.ts";
import { OUTGOING_CHUNK_SIZE } from "./from-stream.ts";

const COMMAND_CHUNK_STREAM_ID = 3;

/** Section 7.2.2: what `onStatus` tells. */
export type Status = {
  readonly level: "status" | "error";
  readonly code: string;
  readonly description: string;
};

export function messageReply(message: Message): Uint8Array {
  return encodeChunks(message, OUTGOING_CHUNK_SIZE);
}

export function userControlReply(event: number, value: number): Uint8Array {
  return messageReply(encodeUserControl({ event, value }));
}

export function commandReply(
  streamId: number,
  name: string,
  transactionId: number,
  ...args: AmfValue[]
): Uint8Array {
  return messageReply({
    chunkStreamId: COMMAND_CHUNK_STREAM_ID,
    typeId: MessageType.commandAmf0,
    streamId,
    timestampMs: 0,
    payload: encodeCommand({ name, transactionId, args }),
  });
}

export function statusReply(streamId: number, status: Status): Uint8Array {
  return commandReply(streamId, "onStatus", 0, null, { ...status });
}
