import { AppError } from "../../errors.ts";

const LINE_FEED = 0x0a;
/** Extensions may be long: see `chunkFiller`. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILER_LINES = 16;
/** Eight digits bound a chunk to 4 GiB; its data is passed on as it arrives, so no memory hangs on it. */
const SIZE_PATTERN = /^([0-9A-Fa-f]{1,8})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?$/;

/** RFC 9112, 7.1: size in hexadecimal, the bytes. An empty chunk would end the body. */
export function encodeChunk(bytes: Uint8Array): Uint8Array {
  const size = new TextEncoder().encode(`${bytes.length.toString(16)}\r\n`);
  const chunk = new Uint8Array(size.length + bytes.length + 2);
  chunk.set(size);
  chunk.set(bytes, size.length);
  chunk.set(lineEnd, size.length + bytes.length);
  return chunk;
}

/**
 * A chunk of one byte begins with it, and goes on with as many bytes of filler as one likes: an extension, which whoever
 * reads must ignore (RFC 9112, section 7.1.1). `encodeChunkRest` ends it.
 */
export const chunkOfOneByte = new TextEncoder().encode("1;");
export const chunkFiller = new TextEncoder().encode("w");

/** The first of `bytes`, two at least, as the data of the chunk that was begun, and a chunk of the others. */
export function encodeChunkRest(bytes: Uint8Array): Uint8Array {
  const others = encodeChunk(bytes.subarray(1));
  return Uint8Array.of(...lineEnd, ...bytes.subarray(0, 1), ...lineEnd, ...others);
}

/** Ends a chunked body: a peer knows by it that the body is whole. */
export function encodeLastChunk(): Uint8Array {
  return new TextEncoder().encode("0\r\n\r\n");
}

const lineEnd = Uint8Array.of(0x0d, 0x0a);

/** Takes the chunked coding (RFC 9112, section 7.1) off a body that arrives in any split. */
export class ChunkedDecoder {
  #state: "size" | "data" | "data-end" | "trailer" | "finished" = "size";
  #remaining = 0;
  #line = "";
  #trailerLines = 0;

  /**
   * `onData` gets views into `bytes`, to be used or copied at once. True once the last chunk and the trailers
   * (which are dropped) are read; bytes after that are ignored. Throws AppError `http.bad-chunk*`.
   */
  push(bytes: Uint8Array, onData: (data: Uint8Array) => void): boolean {
    let at = 0;
    while (at < bytes.length && this.#state !== "finished") {
      if (this.#state === "data") at += this.#passData(bytes, at, onData);
      else at += this.#takeLine(bytes, at);
    }
    return this.#state === "finished";
  }

  #passData(bytes: Uint8Array, at: number, onData: (data: Uint8Array) => void): number {
    const data = bytes.subarray(at, at + this.#remaining);
    this.#remaining -= data.length;
    if (this.#remaining === 0) this.#state = "data-end";
    onData(data);
    return data.length;
  }

  #takeLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(LINE_FEED, at);
    const piece = bytes.subarray(at, end === -1 ? bytes.length : end + 1);
    if (this.#line.length + piece.length > MAX_LINE_BYTES) {
      throw new AppError("peer", "http.bad-chunk-line", { limit: MAX_LINE_BYTES });
    }
    this.#line += String.fromCharCode(...piece);
    if (end !== -1) {
      if (!this.#line.endsWith("\r\n")) throw new AppError("peer", "http.bad-chunk-line");
      const line = this.#line.slice(0, -2);
      this.#line = "";
      this.#readLine(line);
    }
    return piece.length;
  }

  #readLine(line: string): void {
    if (this.#state === "size") this.#readSize(line);
    else if (this.#state === "data-end") {
      if (line !== "") throw new AppError("peer", "http.bad-chunk-end");
      this.#state = "size";
    } else if (line === "") this.#state = "finished";
    else if (++this.#trailerLines > MAX_TRAILER_LINES) {
      throw new AppError("peer", "http.bad-chunk-trailer", { limit: MAX_TRAILER_LINES });
    }
  }

  #readSize(line: string): void {
    const digits = SIZE_PATTERN.exec(line)?.[1];
    if (digits === undefined) throw new AppError("peer", "http.bad-chunk-size");
    this.#remaining = Number.parseInt(digits, 16);
    this.#state = this.#remaining === 0 ? "trailer" : "data";
  }
}
