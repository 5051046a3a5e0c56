/** Adobe Flash Video File Format Specification 10.1, annex E.4.1. `timestampMs`: unsigned 32 bits, wraps. */
export type Tag = { readonly type: number; readonly timestampMs: number; readonly body: Uint8Array };

export const FILE_HEADER_BYTE_COUNT = 9;
export const TAG_HEADER_BYTE_COUNT = 11;
export const PREVIOUS_TAG_SIZE_BYTE_COUNT = 4;

/** 13 bytes: the file header (E.2) and PreviousTagSize0. Players wait for each track that the flags promise. */
export function encodeFlvHeader(has: { audio: boolean; video: boolean }): Uint8Array<ArrayBuffer> {
  const flags = (has.audio ? 4 : 0) | (has.video ? 1 : 0);
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, FILE_HEADER_BYTE_COUNT, 0, 0, 0, 0);
}

/** One whole tag: type(1) size(3) timestamp(3 low, 1 high) streamId(3), body, PreviousTagSize(4). */
export function encodeTag({ type, timestampMs, body }: Tag): Uint8Array<ArrayBuffer> {
  const size = body.length;
  const end = TAG_HEADER_BYTE_COUNT + size;
  const bytes = new Uint8Array(end + PREVIOUS_TAG_SIZE_BYTE_COUNT);
  bytes[0] = type;
  bytes[1] = size >>> 16;
  bytes[2] = size >>> 8;
  bytes[3] = size;
  bytes[4] = timestampMs >>> 16;
  bytes[5] = timestampMs >>> 8;
  bytes[6] = timestampMs;
  bytes[7] = timestampMs >>> 24;
  bytes.set(body, TAG_HEADER_BYTE_COUNT);
  bytes[end] = end >>> 24;
  bytes[end + 1] = end >>> 16;
  bytes[end + 2] = end >>> 8;
  bytes[end + 3] = end;
  return bytes;
}
