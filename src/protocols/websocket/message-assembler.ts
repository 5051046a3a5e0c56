import { Writer } from "../../bytes/writer.ts";
import { AppError } from "../../errors.ts";
import { isControlOpcode, Opcode, type WebSocketFrame } from "./frame.ts";

type WebSocketMessage = { readonly opcode: number; readonly payload: Uint8Array };

/** Joins fragments (RFC 6455, section 5.4). Control frames, which may come between fragments, pass through. */
export class MessageAssembler {
  readonly #limits: { readonly maxMessageBytes: number };
  #opcode: number = Opcode.continuation;
  #parts: Writer | undefined;

  /** Asked anew with each frame. */
  constructor(limits: { readonly maxMessageBytes: number }) {
    this.#limits = limits;
  }

  /** The message that this frame completes, if any. Throws AppError `websocket.*`. */
  push({ opcode, fin, payload }: WebSocketFrame): WebSocketMessage | undefined {
    if (isControlOpcode(opcode)) return { opcode, payload };
    if (opcode === Opcode.continuation) return this.#continue(fin, payload);
    if (this.#parts !== undefined) throw new AppError("peer", "websocket.unfinished-message", { opcode });
    this.#checkLength(payload.length);
    if (fin) return { opcode, payload };
    this.#opcode = opcode;
    this.#parts = new Writer(Math.max(payload.length, 64)).bytes(payload);
    return undefined;
  }

  #continue(fin: boolean, payload: Uint8Array): WebSocketMessage | undefined {
    const parts = this.#parts;
    if (parts === undefined) throw new AppError("peer", "websocket.unexpected-continuation");
    this.#checkLength(parts.length + payload.length);
    parts.bytes(payload);
    if (!fin) return undefined;
    this.#parts = undefined;
    return { opcode: this.#opcode, payload: parts.finish() };
  }

  #checkLength(byteCount: number): void {
    const limit = this.#limits.maxMessageBytes;
    if (byteCount <= limit) return;
    throw new AppError("peer", "websocket.too-long", { have: byteCount, limit });
  }
}
