import { createHash } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { encodeResponseHead } from "../../protocols/http/response-head.ts";
import { CloseCode, closeCodeFor, decodeClose, encodeClose } from "../../protocols/websocket/close.ts";
import { encodeFrame, Opcode, type WebSocketFrame } from "../../protocols/websocket/frame.ts";
import { FrameDecoder } from "../../protocols/websocket/frame-decoder.ts";
import { acceptKey, validateUpgrade } from "../../protocols/websocket/handshake.ts";
import { MessageAssembler } from "../../protocols/websocket/message-assembler.ts";

const encoder = new TextEncoder();
const PING = encodeFrame(Opcode.ping, new Uint8Array(0));

export function encodePing(): Uint8Array {
  return PING;
}

export type WebSocketHandlers = {
  /** Sends bytes of the connection. */
  readonly write: (bytes: Uint8Array) => void;
  /** Text and binary; the other kind is refused by who gets it. */
  readonly onMessage: (opcode: number, payload: Uint8Array) => void;
  /** A ping has been answered by then. */
  readonly onPing?: () => void;
  readonly onPong: () => void;
  /** A message is longer than the limit; the channel closes after this. */
  readonly onTooLong?: (error: AppError) => void;
};

/** The WebSocket side of a connection: handshake, pings, close. */
export class WebSocketChannel {
  readonly #decoder: FrameDecoder;
  readonly #assembler: MessageAssembler;
  #isOpen = true;

  /** Until either side closes. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Answers the upgrade. Throws `websocket.bad-upgrade`. The limits are asked anew with each frame. */
  constructor(
    head: RequestHead,
    limits: { readonly maxMessageBytes: number },
    readonly handlers: WebSocketHandlers,
  ) {
    this.#decoder = new FrameDecoder({
      masked: true,
      get maxPayloadBytes() {
        return limits.maxMessageBytes;
      },
    });
    this.#assembler = new MessageAssembler(limits);
    const { key, protocol } = validateUpgrade(head);
    handlers.write(
      encodeResponseHead(101, {
        Upgrade: "websocket",
        Connection: "Upgrade",
        "Sec-WebSocket-Accept": acceptKey(key, sha1),
        ...(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol }),
      }),
    );
  }

  /** False once the peer closed. Throws what breaks the protocol, after telling the peer why. */
  receive(bytes: Uint8Array): boolean {
    try {
      this.#decoder.push(bytes, (frame) => this.#receiveFrame(frame));
    } catch (error) {
      if (error instanceof AppError) {
        if (error.code === "websocket.too-long") this.handlers.onTooLong?.(error);
        this.close(closeCodeFor(error), "");
      }
      throw error;
    }
    return this.#isOpen;
  }

  send(payload: Uint8Array): void {
    this.handlers.write(encodeFrame(Opcode.binary, payload));
  }

  sendText(text: string): void {
    if (this.#isOpen) this.handlers.write(encodeFrame(Opcode.text, encoder.encode(text)));
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.handlers.write(encodeClose(code, reason));
  }

  /** RFC 6455, section 5.5.1: the peer gets its own code back. */
  #echoClose(code: number): void {
    this.close(code === CloseCode.noStatus ? CloseCode.normal : code, "");
  }

  #receiveFrame(frame: WebSocketFrame): void {
    const message = this.#assembler.push(frame);
    if (message === undefined || !this.#isOpen) return;
    switch (message.opcode) {
      case Opcode.ping:
        this.handlers.write(encodeFrame(Opcode.pong, message.payload));
        this.handlers.onPing?.();
        break;
      case Opcode.pong:
        this.handlers.onPong();
        break;
      case Opcode.close:
        this.#echoClose(decodeClose(message.payload).code);
        break;
      default:
        this.handlers.onMessage(message.opcode, message.payload);
    }
  }
}

function sha1(text: string): Uint8Array {
  return createHash("sha1").update(text).digest();
}
