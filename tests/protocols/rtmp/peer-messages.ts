import { Reader } from "../../../src/bytes/reader.ts";
import { Writer } from "../../../src/bytes/writer.ts";
import { type Message, MessageType } from "../../../src/protocols/rtmp/message.ts";

/** Control messages as a peer of the gateway writes and reads them; the gateway itself does neither. */

export function encodeAbort(chunkStreamId: number): Message {
  const payload = new Writer(4).u32(chunkStreamId).finish();
  return { chunkStreamId: 2, typeId: MessageType.abort, streamId: 0, timestampMs: 0, payload };
}

export function decodeAcknowledgement({ payload }: Message): number {
  return new Reader(payload, "rtmp.control").u32();
}

export function decodeSetPeerBandwidth({ payload }: Message): { byteCount: number; limit: number } {
  const reader = new Reader(payload, "rtmp.control");
  return { byteCount: reader.u32(), limit: reader.u8() };
}
