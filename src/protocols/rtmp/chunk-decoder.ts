import { AppError, expectPeerFault } from "../../errors.ts";
import { EXTENDED_TIMESTAMP } from "./chunk-encoder.ts";
import { ChunkStream } from "./chunk-stream.ts";
import { decodeAbort, decodeSetChunkSize, type Message, MessageType } from "./message.ts";

export type ChunkLimits = { readonly maxMessageBytes: number; readonly maxChunkStreams: number };

/** For a peer that sends media: a picture of the best camera, and a chunk stream for everything. */
export const MEDIA_LIMITS: ChunkLimits = { maxMessageBytes: 4 * 1024 * 1024, maxChunkStreams: 64 };

const DEFAULT_CHUNK_SIZE = 128;
/** Basic header 3, message header 11, extended timestamp 4. */
const MAX_HEADER_BYTES = 18;
/** Bytes of message header after the basic header, by chunk type (specification section 5.3.1.2). */
const MESSAGE_HEADER_BYTES = [11, 7, 3] as const;
const INCOMPLETE = -1;

/**
 * Puts messages together from chunks, whatever the split of the bytes. Obeys Set Chunk Size and Abort itself and
 * passes on only those that it cannot read. After an error the connection cannot be understood any more.
 */
export class ChunkDecoder {
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = DEFAULT_CHUNK_SIZE;
  #receivedByteCount = 0;
  /** Declared lengths of all messages under way: together at most two of the longest. */
  #underWayByteCount = 0;

  /** The start of a header whose end has not come yet. */
  readonly #held = new Uint8Array(MAX_HEADER_BYTES);
  #heldCount = 0;

  /** The chunk whose payload comes next, and how much of it is still to come. */
  #current: ChunkStream | undefined;
  #chunkRemaining = 0;

  /** `limits` may change at any time; they hold for what begins from then on. */
  constructor(public limits = MEDIA_LIMITS) {}

  /** All bytes pushed so far, for acknowledgements. */
  get receivedByteCount(): number {
    return this.#receivedByteCount;
  }

  /**
   * Throws `rtmp.message-too-long`, `rtmp.too-many-chunk-streams`, `rtmp.messages-under-way-too-long`,
   * `rtmp.chunk-without-header`, `rtmp.message-interrupted`.
   */
  push(bytes: Uint8Array, onMessage: (message: Message) => void): void {
    this.#receivedByteCount += bytes.length;
    this.#consume(bytes, onMessage);
  }

  #consume(bytes: Uint8Array, onMessage: (message: Message) => void): void {
    let at = 0;
    for (;;) {
      const stream = this.#current;
      if (stream !== undefined) {
        const count = Math.min(this.#chunkRemaining, bytes.length - at);
        if (count > 0) stream.append(bytes, at, count);
        at += count;
        this.#chunkRemaining -= count;
        if (this.#chunkRemaining > 0) return;
        this.#current = undefined;
        if (stream.filled === stream.length) this.#finish(stream, onMessage);
      }
      if (at === bytes.length) return;
      at = this.#heldCount > 0 ? this.#resumeHeader(bytes, at, onMessage) : this.#startHeader(bytes, at);
    }
  }

  #finish(stream: ChunkStream, onMessage: (message: Message) => void): void {
    this.#underWayByteCount -= stream.length;
    const message = stream.finish();
    if (!this.#obey(message)) onMessage(message);
  }

  /** False for what is none of the decoder's own messages, or one that nobody can read. */
  #obey(message: Message): boolean {
    try {
      if (message.typeId === MessageType.setChunkSize) this.#chunkSize = decodeSetChunkSize(message);
      else if (message.typeId === MessageType.abort) this.#abort(decodeAbort(message));
      else return false;
      return true;
    } catch (thrown) {
      expectPeerFault(thrown);
      return false;
    }
  }

  #abort(chunkStreamId: number): void {
    const stream = this.#streams.get(chunkStreamId);
    if (!stream?.isUnderWay) return;
    this.#underWayByteCount -= stream.length;
    stream.drop();
  }

  #startHeader(bytes: Uint8Array, at: number): number {
    const next = this.#readHeader(bytes, at, bytes.length);
    if (next !== INCOMPLETE) return next;
    this.#held.set(bytes.subarray(at));
    this.#heldCount = bytes.length - at;
    return bytes.length;
  }

  #resumeHeader(bytes: Uint8Array, at: number, onMessage: (message: Message) => void): number {
    const before = this.#heldCount;
    const added = Math.min(MAX_HEADER_BYTES - before, bytes.length - at);
    this.#held.set(bytes.subarray(at, at + added), before);
    const next = this.#readHeader(this.#held, 0, before + added);
    if (next === INCOMPLETE) {
      this.#heldCount = before + added;
      return at + added;
    }
    this.#heldCount = 0;
    if (next >= before) return at + next - before;
    // Held as the start of an extended timestamp, and now known to be payload.
    this.#consume(this.#held.slice(next, before), onMessage);
    return at;
  }

  /** Where the payload starts; INCOMPLETE, with nothing changed, when the header goes on beyond `end`. */
  #readHeader(bytes: Uint8Array, at: number, end: number): number {
    const first = byteAt(bytes, at);
    const chunkType = first >>> 6;
    const low = first & 0x3f;
    const header = at + (low > 1 ? 1 : low + 2);
    if (header > end) return INCOMPLETE;
    // Section 5.3.1.1: 0 and 1 announce one and two bytes more, little-endian, counted from 64.
    const id = low > 1 ? low : 64 + byteAt(bytes, at + 1) + (low === 1 ? byteAt(bytes, at + 2) * 256 : 0);
    const known = this.#streams.get(id);
    if (chunkType === 3) return this.#continueStream(known, id, bytes, header, end);

    let next = header + (MESSAGE_HEADER_BYTES[chunkType] ?? 0);
    if (next > end) return INCOMPLETE;
    const isExtended = u24At(bytes, header) === EXTENDED_TIMESTAMP;
    if (isExtended) next += 4;
    if (next > end) return INCOMPLETE;

    const stream = known ?? this.#addStream(id, chunkType);
    if (stream.isUnderWay) {
      const { filled, length } = stream;
      throw new AppError("peer", "rtmp.message-interrupted", {
        chunkStreamId: id,
        have: filled,
        need: length,
      });
    }
    stream.isExtended = isExtended;
    stream.timestampField = isExtended ? u32At(bytes, next - 4) : u24At(bytes, header);
    if (chunkType < 2) {
      stream.length = u24At(bytes, header + 3);
      stream.typeId = byteAt(bytes, header + 6);
    }
    if (chunkType === 0) {
      stream.timestampMs = 0;
      stream.streamId = u32leAt(bytes, header + 7);
    }
    this.#startMessage(stream);
    this.#startChunk(stream);
    return next;
  }

  /** Type 3: the rest of a message, or a message with the header of the one before. */
  #continueStream(
    stream: ChunkStream | undefined,
    id: number,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): number {
    if (stream === undefined) throw headerMissing(id, 3);
    const extendedLength = stream.isExtended ? repeatedLength(stream.timestampField, bytes, at, end) : 0;
    if (extendedLength === INCOMPLETE) return INCOMPLETE;
    if (!stream.isUnderWay) this.#startMessage(stream);
    this.#startChunk(stream);
    return at + extendedLength;
  }

  #addStream(id: number, chunkType: number): ChunkStream {
    // librtmp opens chunk stream 2 with type 1 when its first message there is an acknowledgement or a pong.
    if (chunkType > 1) throw headerMissing(id, chunkType);
    const { maxChunkStreams } = this.limits;
    if (this.#streams.size >= maxChunkStreams) {
      throw new AppError("peer", "rtmp.too-many-chunk-streams", { limit: maxChunkStreams });
    }
    const stream = new ChunkStream(id);
    this.#streams.set(id, stream);
    return stream;
  }

  #startMessage(stream: ChunkStream): void {
    const { length } = stream;
    const { maxMessageBytes } = this.limits;
    if (length > maxMessageBytes) {
      throw new AppError("peer", "rtmp.message-too-long", { have: length, limit: maxMessageBytes });
    }
    this.#underWayByteCount += length;
    const limit = 2 * maxMessageBytes;
    if (this.#underWayByteCount > limit) {
      const have = this.#underWayByteCount;
      throw new AppError("peer", "rtmp.messages-under-way-too-long", { have, limit });
    }
    stream.timestampMs = (stream.timestampMs + stream.timestampField) >>> 0;
    stream.isUnderWay = true;
  }

  #startChunk(stream: ChunkStream): void {
    this.#current = stream;
    this.#chunkRemaining = Math.min(this.#chunkSize, stream.length - stream.filled);
  }
}

/**
 * Bytes that the extended timestamp takes on a type 3 chunk. Section 5.3.1.3 repeats it there; older versions did
 * not say so and some peers leave it out, so that only the value tells: 4 when it is there, else 0.
 */
function repeatedLength(field: number, bytes: Uint8Array, at: number, end: number): number {
  for (let i = 0; i < 4; i++) {
    if (at + i === end) return INCOMPLETE;
    if (byteAt(bytes, at + i) !== ((field >>> (24 - 8 * i)) & 0xff)) return 0;
  }
  return 4;
}

function headerMissing(chunkStreamId: number, chunkType: number): AppError {
  return new AppError("peer", "rtmp.chunk-without-header", { chunkStreamId, chunkType });
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function u24At(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
}

function u32At(bytes: Uint8Array, at: number): number {
  return ((byteAt(bytes, at) << 24) | u24At(bytes, at + 1)) >>> 0;
}

function u32leAt(bytes: Uint8Array, at: number): number {
  return (
    ((byteAt(bytes, at + 3) << 24) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 1) << 8) |
      byteAt(bytes, at)) >>>
    0
  );
}
