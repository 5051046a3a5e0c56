import { AppError } from "../../errors.ts";
import type { Message } from "./message.ts";

/** A timestamp field of this value says that four bytes follow the header (specification 5.3.1.3). */
export const EXTENDED_TIMESTAMP = 0xffffff;

/** The message header's length field has 24 bits. */
const MAX_PAYLOAD_BYTES = 0xffffff;

/**
 * A whole message as chunks of at most `chunkSize` payload bytes: one of type 0, then type 3, with an extended
 * timestamp repeated on each (5.3.1.3). Depends on no earlier message, so one encoding serves every player.
 */
export function encodeChunks(message: Message, chunkSize: number): Uint8Array {
  const { chunkStreamId, payload } = message;
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new AppError("bug", "rtmp.message-too-long", { have: payload.length, limit: MAX_PAYLOAD_BYTES });
  }
  const timestampMs = message.timestampMs >>> 0;
  const isExtended = timestampMs >= EXTENDED_TIMESTAMP;
  const basicLength = chunkStreamId < 64 ? 1 : chunkStreamId < 320 ? 2 : 3;
  const nextLength = basicLength + (isExtended ? 4 : 0);
  const nextCount = Math.max(0, Math.ceil(payload.length / chunkSize) - 1);
  const out = new Uint8Array(nextLength + 11 + payload.length + nextCount * nextLength);

  let at = writeBasicHeader(out, 0, 0, chunkStreamId);
  at = writeU24(out, at, isExtended ? EXTENDED_TIMESTAMP : timestampMs);
  at = writeU24(out, at, payload.length);
  out[at++] = message.typeId;
  at = writeU32le(out, at, message.streamId);
  if (isExtended) at = writeU32(out, at, timestampMs);
  if (nextCount === 0) {
    out.set(payload, at);
    return out;
  }
  for (let from = 0; ; ) {
    const part = payload.subarray(from, from + chunkSize);
    out.set(part, at);
    at += part.length;
    from += part.length;
    if (from >= payload.length) return out;
    at = writeBasicHeader(out, at, 3, chunkStreamId);
    if (isExtended) at = writeU32(out, at, timestampMs);
  }
}

/** 5.3.1.1: ids 2–63 in the first byte, 64–319 in a second, up to 65599 in a little-endian pair. */
function writeBasicHeader(out: Uint8Array, at: number, format: number, chunkStreamId: number): number {
  if (chunkStreamId < 64) {
    out[at] = (format << 6) | chunkStreamId;
    return at + 1;
  }
  const rest = chunkStreamId - 64;
  out[at] = (format << 6) | (rest < 256 ? 0 : 1);
  out[at + 1] = rest;
  if (rest < 256) return at + 2;
  out[at + 2] = rest >>> 8;
  return at + 3;
}

function writeU24(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 16;
  out[at + 1] = value >>> 8;
  out[at + 2] = value;
  return at + 3;
}

function writeU32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  return writeU24(out, at + 1, value);
}

function writeU32le(out: Uint8Array, at: number, value: number): number {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
  return at + 4;
}
