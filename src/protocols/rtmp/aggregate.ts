import { Reader } from "../../bytes/reader.ts";
import { AppError } from "../../errors.ts";
import { type Message, MessageType } from "./message.ts";

const MAX_PARTS = 4096;

/**
 * The messages inside an aggregate (specification section 7.1.6), which is a row of FLV tags. The first part gets
 * the aggregate's timestamp, the others keep their distance to it. Payloads are views of the aggregate's.
 * Throws `rtmp.aggregate.truncated`, `rtmp.aggregate-in-aggregate`, `rtmp.aggregate-too-many`.
 */
export function splitAggregate(message: Message): Message[] {
  const reader = new Reader(message.payload, "rtmp.aggregate");
  const parts: Message[] = [];
  let shiftMs: number | undefined;
  while (reader.remaining > 0) {
    if (parts.length === MAX_PARTS)
      throw new AppError("peer", "rtmp.aggregate-too-many", { limit: MAX_PARTS });
    const typeId = reader.u8();
    if (typeId === MessageType.aggregate) {
      throw new AppError("peer", "rtmp.aggregate-in-aggregate", { at: reader.offset - 1 });
    }
    const length = reader.u24();
    const lowMs = reader.u24();
    const tagMs = ((reader.u8() << 24) | lowMs) >>> 0;
    reader.skip(3);
    const payload = reader.view(length);
    // The back pointer of the last part is missing from some encoders; librtmp does not read it either.
    reader.skip(Math.min(4, reader.remaining));
    shiftMs ??= message.timestampMs - tagMs;
    parts.push({
      chunkStreamId: message.chunkStreamId,
      typeId,
      streamId: message.streamId,
      timestampMs: (tagMs + shiftMs) >>> 0,
      payload,
    });
  }
  return parts;
}
