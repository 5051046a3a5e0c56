import { createHash } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { encodeResponseHead } from "../../protocols/http/response-head.ts";
import { CloseCode, closeCodeFor, decodeClose, encodeClose } from "../../protocols/websocket/close.ts";
import { encodeFrame, Opcode, type WebSocketFrame } from "../../protocols/websocket/frame.ts";
import { FrameDecoder } from "../../protocols/websocket/frame-decoder.ts";
import { acceptKey, validateUpgrade } from "../../protocols/websocket/handshake.ts";
import { MessageAssembler } from "../../protocols/websocket/message-assembler.ts";

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const PING = encodeFrame(Opcode.ping, new Uint8Array(0));

export function encodePing(): Uint8Array {
  return PING;
}

export type WebSocketHandlers = {
  /** Sends bytes of the connection. */
  readonly write: (bytes: Uint8Array) => void;
  readonly onBinary: (payload: Uint8Array) => void;
  readonly onPong: () => void;
};

/** The WebSocket side of a connection: handshake, pings, close. */
export class WebSocketChannel {
  readonly #decoder = new FrameDecoder({ maxPayloadBytes: MAX_MESSAGE_BYTES, masked: true });
  readonly #assembler = new MessageAssembler({ maxMessageBytes: MAX_MESSAGE_BYTES });
  #isOpen = true;

  /** Answers the upgrade. Throws `websocket.bad-upgrade`. */
  constructor(
    head: RequestHead,
    readonly handlers: WebSocketHandlers,
  ) {
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
      if (error instanceof AppError) this.close(closeCodeFor(error), "");
      throw error;
    }
    return this.#isOpen;
  }

  send(payload: Uint8Array): void {
    this.handlers.write(encodeFrame(Opcode.binary, payload));
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
      case Opcode.binary:
        this.handlers.onBinary(message.payload);
        break;
      case Opcode.ping:
        this.handlers.write(encodeFrame(Opcode.pong, message.payload));
        break;
      case Opcode.pong:
        this.handlers.onPong();
        break;
      case Opcode.close:
        this.#echoClose(decodeClose(message.payload).code);
        break;
      // Text is not for us: some players send their statistics
    }
  }
}

function sha1(text: string): Uint8Array {
  return createHash("sha1").update(text).digest();
}
