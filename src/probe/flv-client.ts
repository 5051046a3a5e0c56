import { AppError } from "../errors.ts";
import { FlvDecoder } from "../protocols/flv/flv-decoder.ts";
import type { Tag } from "../protocols/flv/tag.ts";
import { ChunkedDecoder } from "../protocols/http/chunked.ts";
import { CloseCode, encodeClose } from "../protocols/websocket/close.ts";
import { encodeFrame, Opcode, type WebSocketFrame } from "../protocols/websocket/frame.ts";
import { FrameDecoder } from "../protocols/websocket/frame-decoder.ts";
import { type ResponseHead, ResponseHeadReader } from "./http-response.ts";
import { connectTcp, type TcpConnection } from "./tcp-connection.ts";
import { PUBLIC_AUTHORITIES, type Trust } from "./trust.ts";

const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const REPLY_TIMEOUT_MS = 5_000;

export type FlvHandlers = {
  onTag(tag: Tag): void;
  /** Once, however it ended; `error` is what this side did not understand. */
  onClose?(error: unknown): void;
};

/** A player is its connection: to pause, resume and close. */
export type FlvPlayer = Pick<TcpConnection, "pause" | "resume" | "close" | "localPort">;

/** Takes one framing off what follows the response head. */
type Unwrap = (bytes: Uint8Array, onFlv: (bytes: Uint8Array) => void) => void;

/**
 * Plays `http://host:port/live/key.flv` or the same with `https:`, `ws:` or `wss:`, once the server has accepted. WebSocket runs on a
 * plain TCP connection, so that a player can stop reading. Throws `flv-client.refused` with the status.
 */
export async function playFlv(
  url: string,
  handlers: FlvHandlers,
  trust: Trust = PUBLIC_AUTHORITIES,
): Promise<FlvPlayer> {
  const target = new URL(url);
  const isSecure = /^(?:https|wss):$/.test(target.protocol);
  const port = target.port === "" ? (isSecure ? 443 : 80) : Number(target.port);
  const session = new FlvSession(target.protocol.startsWith("ws"), handlers);
  const tcp = await connectTcp(
    { host: target.hostname, port, tls: isSecure ? trust : undefined },
    { onBytes: (bytes) => session.receive(bytes), onClose: (error) => session.finish(error) },
  );
  session.start(tcp, target);
  const timer = setTimeout(
    () => session.finish(new AppError("peer", "flv-client.no-reply")),
    REPLY_TIMEOUT_MS,
  );
  try {
    await session.accepted;
    return tcp;
  } catch (thrown) {
    tcp.close();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

class FlvSession {
  readonly #handlers: FlvHandlers;
  readonly #isWebSocket: boolean;
  readonly #accepted = Promise.withResolvers<void>();
  readonly #headReader = new ResponseHeadReader();
  readonly #flv = new FlvDecoder();
  #tcp: TcpConnection | undefined;
  #unwrap: Unwrap | undefined;

  constructor(isWebSocket: boolean, handlers: FlvHandlers) {
    this.#isWebSocket = isWebSocket;
    this.#handlers = handlers;
  }

  get accepted(): Promise<void> {
    return this.#accepted.promise;
  }

  start(tcp: TcpConnection, target: URL): void {
    this.#tcp = tcp;
    const lines = [`GET ${target.pathname}${target.search} HTTP/1.1`, `Host: ${target.host}`];
    if (this.#isWebSocket) {
      const key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
      lines.push("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13");
      lines.push(`Sec-WebSocket-Key: ${key}`);
    }
    tcp.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
  }

  receive(bytes: Uint8Array): void {
    if (this.#unwrap !== undefined) {
      this.#unwrap(bytes, this.#onFlv);
      return;
    }
    const reply = this.#headReader.push(bytes);
    if (reply === undefined) return;
    const wanted = this.#isWebSocket ? 101 : 200;
    if (reply.head.status !== wanted) {
      throw new AppError("peer", "flv-client.refused", { status: reply.head.status });
    }
    this.#unwrap = this.#isWebSocket ? this.#unwrapWebSocket() : unwrapHttp(reply.head);
    this.#accepted.resolve();
    this.#unwrap(reply.rest, this.#onFlv);
  }

  finish(error: unknown): void {
    this.#accepted.reject(error ?? new AppError("peer", "flv-client.closed"));
    this.#handlers.onClose?.(error);
  }

  #onFlv = (bytes: Uint8Array): void => this.#flv.push(bytes, this.#handlers.onTag);

  #unwrapWebSocket(): Unwrap {
    const frames = new FrameDecoder({ maxPayloadBytes: MAX_FRAME_BYTES, masked: false });
    return (bytes, onFlv) => frames.push(bytes, (frame) => this.#onFrame(frame, onFlv));
  }

  #onFrame({ opcode, payload }: WebSocketFrame, onFlv: (bytes: Uint8Array) => void): void {
    if (opcode === Opcode.binary || opcode === Opcode.continuation) onFlv(payload);
    else if (opcode === Opcode.ping) this.#tcp?.write(encodeFrame(Opcode.pong, payload, createMask()));
    else if (opcode === Opcode.close) {
      this.#tcp?.write(encodeClose(CloseCode.normal, "", createMask()));
      this.#tcp?.close();
    }
  }
}

function unwrapHttp(head: ResponseHead): Unwrap {
  if (head.headers.get("transfer-encoding")?.toLowerCase() !== "chunked")
    return (bytes, onFlv) => onFlv(bytes);
  const chunks = new ChunkedDecoder();
  return (bytes, onFlv) => void chunks.push(bytes, onFlv);
}

function createMask(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(4));
}
