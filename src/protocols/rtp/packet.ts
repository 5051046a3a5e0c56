import { AppError } from "../../errors.ts";

/**
 * What the fixed header says (RFC 3550, section 5.1) and where the payload lies; made once and filled anew for each
 * packet, so that a stream of them costs no memory.
 */
export type RtpHeader = {
  payloadType: number;
  marker: boolean;
  sequenceNumber: number;
  rtpTimestamp: number;
  ssrc: number;
  /** Behind the header, the contributing sources and the extension. */
  payloadStart: number;
  /** Before the padding. */
  payloadEnd: number;
};

export const RTP_HEADER_BYTE_COUNT = 12;

const VERSION = 2;

export function createRtpHeader(): RtpHeader {
  return {
    payloadType: 0,
    marker: false,
    sequenceNumber: 0,
    rtpTimestamp: 0,
    ssrc: 0,
    payloadStart: RTP_HEADER_BYTE_COUNT,
    payloadEnd: RTP_HEADER_BYTE_COUNT,
  };
}

/** Fills `header` from one datagram; after an error it holds nothing of use. Throws AppError `rtp.…`. */
export function decodeRtp(bytes: Uint8Array, header: RtpHeader): void {
  const length = bytes.length;
  if (length < RTP_HEADER_BYTE_COUNT) throw truncated(RTP_HEADER_BYTE_COUNT, length);
  const first = bytes[0] ?? 0;
  if (first >> 6 !== VERSION) throw new AppError("peer", "rtp.bad-version", { version: first >> 6 });
  const second = bytes[1] ?? 0;
  header.marker = (second & 0x80) !== 0;
  header.payloadType = second & 0x7f;
  header.sequenceNumber = u16(bytes, 2);
  header.rtpTimestamp = u32(bytes, 4);
  header.ssrc = u32(bytes, 8);
  const start = findPayload(bytes, first);
  const paddingByteCount = (first & 0x20) === 0 ? 0 : readPadding(bytes, start);
  header.payloadStart = start;
  header.payloadEnd = length - paddingByteCount;
}

/** Writes the twelve bytes of a header without contributing sources, extension or padding to the start of `bytes`. */
export function encodeRtpHeader(
  header: Omit<RtpHeader, "payloadStart" | "payloadEnd">,
  bytes: Uint8Array,
): void {
  bytes[0] = VERSION << 6;
  bytes[1] = (header.marker ? 0x80 : 0) | header.payloadType;
  bytes[2] = header.sequenceNumber >>> 8;
  bytes[3] = header.sequenceNumber;
  putU32(bytes, 4, header.rtpTimestamp);
  putU32(bytes, 8, header.ssrc);
}

/** Contributing sources and one extension (sections 5.1 and 5.3.1) stand before the payload; both are passed over. */
function findPayload(bytes: Uint8Array, first: number): number {
  const extensionAt = RTP_HEADER_BYTE_COUNT + (first & 0x0f) * 4;
  if ((first & 0x10) === 0) {
    if (bytes.length < extensionAt) throw truncated(extensionAt, bytes.length);
    return extensionAt;
  }
  if (bytes.length < extensionAt + 4) throw truncated(extensionAt + 4, bytes.length);
  const start = extensionAt + 4 + u16(bytes, extensionAt + 2) * 4;
  if (bytes.length < start) throw truncated(start, bytes.length);
  return start;
}

/** The last byte counts the padding, itself included. */
function readPadding(bytes: Uint8Array, payloadStart: number): number {
  const count = bytes[bytes.length - 1] ?? 0;
  const limit = bytes.length - payloadStart;
  if (count === 0 || count > limit) throw new AppError("peer", "rtp.bad-padding", { have: count, limit });
  return count;
}

function truncated(need: number, have: number): AppError {
  return new AppError("peer", "rtp.truncated", { need, have });
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
