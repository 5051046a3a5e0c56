import { tagTypeOf } from "../../media/body/tag-frame.ts";
import { defineWireFormat, type Frame, type WireFormat } from "../../media/frame.ts";
import { encodeChunks } from "../../protocols/rtmp/chunk-encoder.ts";

/** Every player gets the same bytes, so every session announces this chunk size. */
export const OUTGOING_CHUNK_SIZE = 4096;
/** Message streams a connection may create; a peer needs one. */
export const MAX_MESSAGE_STREAMS = 8;

const CHUNK_STREAM_ID = { audio: 4, video: 6, data: 5 } as const;

const formats: WireFormat[] = Array.from({ length: MAX_MESSAGE_STREAMS }, (_, index) =>
  defineWireFormat((frame) => encodeFrame(frame, index + 1)),
);

/** `messageStreamId` counts from 1 to `MAX_MESSAGE_STREAMS`. */
export function rtmpFormat(messageStreamId: number): WireFormat | undefined {
  return formats[messageStreamId - 1];
}

function encodeFrame(frame: Frame, messageStreamId: number): Uint8Array {
  const message = {
    chunkStreamId: CHUNK_STREAM_ID[frame.kind],
    typeId: tagTypeOf(frame),
    streamId: messageStreamId,
    timestampMs: frame.timestampMs,
    payload: frame.body,
  };
  return encodeChunks(message, OUTGOING_CHUNK_SIZE);
}
