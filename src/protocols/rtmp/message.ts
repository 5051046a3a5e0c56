import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";
import { AppError } from "../../errors.ts";

/** One RTMP message (specification section 6.1), whole again after chunking. */
export type Message = {
  readonly chunkStreamId: number;
  readonly typeId: number;
  readonly streamId: number;
  /** Milliseconds, unsigned 32 bits, wraps. */
  readonly timestampMs: number;
  /** Owned by the receiver: no decoder writes to it again. */
  readonly payload: Uint8Array;
};

export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** Events of user control messages (section 7.1.7). */
export const UserControlEvent = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const;

type UserControl = {
  readonly event: number;
  /** A message stream id; of pings a time in ms; 0 where an unknown event carries none. */
  readonly value: number;
  /** Of `setBufferLength` only. */
  readonly bufferMs?: number;
};

/** Set Peer Bandwidth's limit types (section 5.4.5). */
export const BandwidthLimit = { hard: 0, soft: 1, dynamic: 2 } as const;

/** Section 5.4.1: sizes above this are all equivalent, because no message is longer. */
const MAX_CHUNK_SIZE = 0xffffff;

export function encodeSetChunkSize(chunkSize: number): Message {
  return control(MessageType.setChunkSize, new Writer(4).u32(chunkSize));
}

/** 1 to `MAX_CHUNK_SIZE`; what is larger counts as that. The first bit means nothing. Throws `rtmp.bad-chunk-size`. */
export function decodeSetChunkSize(message: Message): number {
  const chunkSize = read(message).u32() & 0x7fffffff;
  if (chunkSize < 1) throw new AppError("peer", "rtmp.bad-chunk-size", { have: chunkSize, least: 1 });
  return Math.min(chunkSize, MAX_CHUNK_SIZE);
}

export function decodeAbort(message: Message): number {
  return read(message).u32();
}

/** The count of bytes received since the start goes out modulo 2^32. */
export function encodeAcknowledgement(receivedByteCount: number): Message {
  return control(MessageType.acknowledgement, new Writer(4).u32(receivedByteCount % 2 ** 32));
}

export function encodeWindowAckSize(byteCount: number): Message {
  return control(MessageType.windowAckSize, new Writer(4).u32(byteCount));
}

export function decodeWindowAckSize(message: Message): number {
  return read(message).u32();
}

export function encodeSetPeerBandwidth(byteCount: number, limit: number): Message {
  return control(MessageType.setPeerBandwidth, new Writer(5).u32(byteCount).u8(limit));
}

export function encodeUserControl({ event, value, bufferMs }: UserControl): Message {
  const body = new Writer(10).u16(event).u32(value);
  return control(MessageType.userControl, bufferMs === undefined ? body : body.u32(bufferMs));
}

const KNOWN_EVENTS: ReadonlySet<number> = new Set(Object.values(UserControlEvent));

export function decodeUserControl(message: Message): UserControl {
  const reader = read(message);
  const event = reader.u16();
  // The SWF verification events (26, 27) carry nothing or more than four bytes.
  const value = KNOWN_EVENTS.has(event) || reader.remaining >= 4 ? reader.u32() : 0;
  return event === UserControlEvent.setBufferLength
    ? { event, value, bufferMs: reader.u32() }
    : { event, value };
}

/** Protocol control travels on chunk stream 2 and message stream 0 (section 5.4). */
function control(typeId: number, body: Writer): Message {
  return { chunkStreamId: 2, typeId, streamId: 0, timestampMs: 0, payload: body.finish() };
}

function read(message: Message): Reader {
  return new Reader(message.payload, "rtmp.control");
}
