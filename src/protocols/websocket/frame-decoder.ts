import { Collector } from "../../bytes/collector.ts";
import { AppError } from "../../errors.ts";
import { applyMask, isControlOpcode, type WebSocketFrame } from "./frame.ts";

const MAX_CONTROL_PAYLOAD_BYTES = 125;
const MAX_HEAD_BYTES = 14;

type FrameDecoderOptions = {
  readonly maxPayloadBytes: number;
  /** True on a server: section 5.1 obliges clients to mask and servers not to. */
  readonly masked: boolean;
};

/** RFC 6455 framer: takes any split of the stream. */
export class FrameDecoder {
  readonly #options: FrameDecoderOptions;
  readonly #head = new Uint8Array(MAX_HEAD_BYTES);
  readonly #view = new DataView(this.#head.buffer);
  #headLength = 0;
  #body: Collector | undefined;

  constructor(options: FrameDecoderOptions) {
    this.#options = options;
  }

  /**
   * Each payload is unmasked and owned by the receiver. Throws AppError `websocket.*` for a frame that breaks
   * section 5 or is longer than `maxPayloadBytes`; the decoder is of no use after that.
   */
  push(bytes: Uint8Array, onFrame: (frame: WebSocketFrame) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#body !== undefined) at += this.#takeBody(this.#body, bytes, at, onFrame);
      else {
        at += this.#takeHead(bytes, at);
        if (this.#headLength < this.#headNeed()) return;
        at += this.#startFrame(bytes, at, onFrame);
      }
    }
  }

  /** Grows as the header tells more of itself: 2 bytes, then the extended length and the mask. */
  #headNeed(): number {
    if (this.#headLength < 2) return 2;
    const second = this.#view.getUint8(1);
    const length = second & 0x7f;
    const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    return 2 + lengthBytes + ((second & 0x80) === 0 ? 0 : 4);
  }

  #takeHead(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#headLength < this.#headNeed()) {
      this.#head[this.#headLength++] = bytes[at++] ?? 0;
      if (this.#headLength === 2) this.#checkStart();
    }
    return at - start;
  }

  /** The checks that the first two bytes allow. */
  #checkStart(): void {
    const first = this.#view.getUint8(0);
    const second = this.#view.getUint8(1);
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) throw new AppError("peer", "websocket.reserved-bits", { bits: first & 0x70 });
    if ((opcode & 7) > 2) throw new AppError("peer", "websocket.reserved-opcode", { opcode });
    if (((second & 0x80) !== 0) !== this.#options.masked) {
      throw new AppError(
        "peer",
        this.#options.masked ? "websocket.unmasked-frame" : "websocket.masked-frame",
      );
    }
    if (!isControlOpcode(opcode)) return;
    if ((first & 0x80) === 0) throw new AppError("peer", "websocket.fragmented-control", { opcode });
    const length = second & 0x7f;
    if (length > MAX_CONTROL_PAYLOAD_BYTES) {
      throw new AppError("peer", "websocket.control-too-long", { limit: MAX_CONTROL_PAYLOAD_BYTES });
    }
  }

  /** Lengths that use more bytes than they need are let pass: small clients write them, and nothing hangs on it. */
  #payloadLength(): number {
    const short = this.#view.getUint8(1) & 0x7f;
    if (short < 126) return short;
    if (short === 126) return this.#view.getUint16(2);
    return this.#view.getUint32(2) * 2 ** 32 + this.#view.getUint32(6);
  }

  /** The header is complete; returns how many bytes of the payload it used up at once. */
  #startFrame(bytes: Uint8Array, at: number, onFrame: (frame: WebSocketFrame) => void): number {
    const length = this.#payloadLength();
    if (length > this.#options.maxPayloadBytes) {
      throw new AppError("peer", "websocket.too-long", {
        have: length,
        limit: this.#options.maxPayloadBytes,
      });
    }
    if (length <= bytes.length - at) {
      this.#finishFrame(new Uint8Array(bytes.subarray(at, at + length)), onFrame);
      return length;
    }
    this.#body = new Collector(length);
    return 0;
  }

  #takeBody(
    collector: Collector,
    bytes: Uint8Array,
    at: number,
    onFrame: (frame: WebSocketFrame) => void,
  ): number {
    const count = collector.take(bytes, at);
    const payload = collector.complete();
    if (payload !== undefined) {
      this.#body = undefined;
      this.#finishFrame(payload, onFrame);
    }
    return count;
  }

  #finishFrame(payload: Uint8Array, onFrame: (frame: WebSocketFrame) => void): void {
    const first = this.#view.getUint8(0);
    if (this.#options.masked)
      applyMask(payload, 0, this.#head.subarray(this.#headLength - 4, this.#headLength));
    this.#headLength = 0;
    onFrame({ opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload });
  }
}
