import { Collector } from "../../bytes/collector.ts";
import { Reader } from "../../bytes/reader.ts";
import { AppError } from "../../errors.ts";
import {
  FILE_HEADER_BYTE_COUNT,
  PREVIOUS_TAG_SIZE_BYTE_COUNT,
  TAG_HEADER_BYTE_COUNT,
  type Tag,
} from "./tag.ts";

const DEFAULT_MAX_TAG_BYTES = 4 * 1024 * 1024;
const MAX_DATA_OFFSET = 1024;
/** What stands before a body: the size of the tag before it, then the tag's own header. */
const HEAD_BYTE_COUNT = PREVIOUS_TAG_SIZE_BYTE_COUNT + TAG_HEADER_BYTE_COUNT;

/** FLV framer: takes any split of the stream, file header first. A tag is given out before its PreviousTagSize arrives. */
export class FlvDecoder {
  readonly #maxTagBytes: number;
  readonly #head = new Uint8Array(HEAD_BYTE_COUNT);
  readonly #headReader = new DataView(this.#head.buffer);
  #headNeed = FILE_HEADER_BYTE_COUNT;
  #headLength = 0;
  #headerSeen = false;
  #skip = 0;
  #type = 0;
  #timestampMs = 0;
  #body: Collector | undefined;

  constructor(limits: { maxTagBytes?: number } = {}) {
    this.#maxTagBytes = limits.maxTagBytes ?? DEFAULT_MAX_TAG_BYTES;
  }

  /**
   * Each tag's body is a copy that the receiver owns. Throws AppError `flv.*` for a stream that is not FLV,
   * has encrypted tags or a tag longer than `maxTagBytes`; the decoder is of no use after that.
   */
  push(bytes: Uint8Array, onTag: (tag: Tag) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) at += this.#skipSome(bytes.length - at);
      else if (this.#body !== undefined) at += this.#takeBody(this.#body, bytes, at, onTag);
      else {
        at += this.#takeHead(bytes, at);
        if (this.#headLength < this.#headNeed) return;
        this.#headLength = 0;
        if (this.#headerSeen) at += this.#startTag(bytes, at, onTag);
        else this.#readFileHeader();
      }
    }
  }

  #skipSome(available: number): number {
    const count = Math.min(this.#skip, available);
    this.#skip -= count;
    return count;
  }

  #takeHead(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#headNeed - this.#headLength, bytes.length - at);
    for (let i = 0; i < count; i++) this.#head[this.#headLength + i] = bytes[at + i] ?? 0;
    this.#headLength += count;
    return count;
  }

  /** The track flags are not looked at: peers set them wrongly. */
  #readFileHeader(): void {
    const reader = new Reader(this.#head, "flv");
    const signature = reader.u24();
    const version = reader.u8();
    if (signature !== 0x464c56 || version !== 1) throw new AppError("peer", "flv.not-flv", { version });
    reader.skip(1);
    const dataOffset = reader.u32();
    if (dataOffset < FILE_HEADER_BYTE_COUNT || dataOffset > MAX_DATA_OFFSET) {
      throw new AppError("peer", "flv.bad-data-offset", { have: dataOffset, limit: MAX_DATA_OFFSET });
    }
    this.#skip = dataOffset - FILE_HEADER_BYTE_COUNT;
    this.#headNeed = HEAD_BYTE_COUNT;
    this.#headerSeen = true;
  }

  /** Reads the tag header that is in `#head`; returns how many bytes of its body it used up at once. */
  #startTag(bytes: Uint8Array, at: number, onTag: (tag: Tag) => void): number {
    const head = this.#headReader;
    this.#checkPreviousTagSize(head.getUint32(0));
    const type = head.getUint8(4);
    if ((type & 0x20) !== 0) throw new AppError("peer", "flv.encrypted-tag", { type });
    if ((type & 0xc0) !== 0) throw new AppError("peer", "flv.bad-tag-type", { type });
    const size = head.getUint32(4) & 0xffffff;
    if (size > this.#maxTagBytes) {
      throw new AppError("peer", "flv.tag-too-long", { have: size, limit: this.#maxTagBytes });
    }
    const timestampMs = ((head.getUint8(11) << 24) | (head.getUint32(8) >>> 8)) >>> 0;
    if (size <= bytes.length - at) {
      onTag({ type, timestampMs, body: new Uint8Array(bytes.subarray(at, at + size)) });
      return size;
    }
    this.#type = type;
    this.#timestampMs = timestampMs;
    this.#body = new Collector(size);
    return 0;
  }

  /** Peers write 0 or forget the header's 11 bytes, so only a size that no tag can have tells that framing is lost. */
  #checkPreviousTagSize(size: number): void {
    const limit = this.#maxTagBytes + TAG_HEADER_BYTE_COUNT;
    if (size > limit) throw new AppError("peer", "flv.bad-previous-tag-size", { have: size, limit });
  }

  #takeBody(collector: Collector, bytes: Uint8Array, at: number, onTag: (tag: Tag) => void): number {
    const count = collector.take(bytes, at);
    const body = collector.complete();
    if (body !== undefined) {
      this.#body = undefined;
      onTag({ type: this.#type, timestampMs: this.#timestampMs, body });
    }
    return count;
  }
}
