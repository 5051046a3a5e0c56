import type { AmfObject, AmfValue } from "../codecs/amf0/amf0.ts";
import { AppError } from "../errors.ts";
import { ChunkDecoder } from "../protocols/rtmp/chunk-decoder.ts";
import { encodeChunks } from "../protocols/rtmp/chunk-encoder.ts";
import { type Command, decodeCommand, encodeCommand } from "../protocols/rtmp/command.ts";
import { ClientHandshake } from "../protocols/rtmp/handshake.ts";
import {
  decodeUserControl,
  decodeWindowAckSize,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeUserControl,
  type Message,
  MessageType,
  UserControlEvent,
} from "../protocols/rtmp/message.ts";
import { connectTcp, type TcpAddress, type TcpConnection } from "./tcp-connection.ts";

/** Above any telephone frame, so that a frame is one chunk. */
export const OUTGOING_CHUNK_SIZE = 4096;
const HANDSHAKE_RANDOM_BYTES = 1528;
const REPLY_TIMEOUT_MS = 5_000;
/** The chunk streams that ffmpeg and librtmp use for commands. */
const CONNECTION_CHUNK_STREAM = 3;
const STREAM_CHUNK_STREAM = 8;

export type RtmpHandlers = {
  /** Audio, video, data and aggregate messages. */
  onMedia(message: Message): void;
  /** Once, however it ended; `error` is what this side did not understand. */
  onClose(error: unknown): void;
};

type Waiting = {
  readonly accepts: (command: Command) => boolean;
  readonly resolve: (command: Command) => void;
  readonly reject: (error: unknown) => void;
};

/** One client connection: handshake, commands and their replies, acknowledgements and pings. */
export class RtmpConnection {
  #tcp: TcpConnection | undefined;
  readonly #handlers: RtmpHandlers;
  readonly #handshake = new ClientHandshake(crypto.getRandomValues(new Uint8Array(HANDSHAKE_RANDOM_BYTES)));
  readonly #handshakeDone = Promise.withResolvers<void>();
  readonly #decoder = new ChunkDecoder();
  readonly #waiting = new Set<Waiting>();
  #shaken = false;
  #ackWindow = 0;
  #ackedByteCount = 0;
  #transactionId = 0;

  private constructor(handlers: RtmpHandlers) {
    this.#handlers = handlers;
    this.#handshakeDone.promise.catch(() => undefined);
  }

  /** Connects and shakes hands; throws AppError when either fails or takes over five seconds. */
  static async open(address: TcpAddress, handlers: RtmpHandlers): Promise<RtmpConnection> {
    const connection = new RtmpConnection(handlers);
    const tcp = await connectTcp(address, {
      onBytes: (bytes) => connection.#receive(bytes),
      onClose: (error) => connection.#finish(error),
    });
    connection.#tcp = tcp;
    tcp.write(connection.#handshake.start());
    await withDeadline(connection.#handshakeDone.promise, "handshake").catch((thrown: unknown) => {
      tcp.close();
      throw thrown;
    });
    connection.send(encodeSetChunkSize(OUTGOING_CHUNK_SIZE));
    return connection;
  }

  get tcp(): TcpConnection {
    if (this.#tcp === undefined) throw new AppError("bug", "rtmp-client.not-connected");
    return this.#tcp;
  }

  send(message: Message): void {
    this.tcp.write(encodeChunks(message, OUTGOING_CHUNK_SIZE));
  }

  /** Sends a command and gives the arguments of its `_result`; throws `rtmp-client.refused` on `_error`. */
  async call(name: string, ...args: AmfValue[]): Promise<readonly AmfValue[]> {
    const transactionId = this.notify(name, ...args);
    const reply = await this.expect(name, (command) => command.transactionId === transactionId);
    if (reply.name !== "_result") throw new AppError("peer", "rtmp-client.refused", { command: name });
    return reply.args;
  }

  /** Sends a command whose reply, if any, nobody waits for; gives its transaction id. */
  notify(name: string, ...args: AmfValue[]): number {
    return this.#sendCommand(0, name, ++this.#transactionId, args);
  }

  /** Sends `publish`, `play` and the like on a message stream and waits for its onStatus. */
  async start(streamId: number, name: string, ...args: AmfValue[]): Promise<void> {
    this.#sendCommand(streamId, name, 0, args);
    const status = await this.expect(name, (command) => command.name === "onStatus");
    const info = status.args[1];
    const level = isObject(info) ? String(info.level) : "none";
    const code = isObject(info) ? String(info.code) : "none";
    if (level !== "status") throw new AppError("peer", "rtmp-client.refused", { command: name, code });
  }

  /** The first command that `accepts` likes, within five seconds. */
  expect(what: string, accepts: (command: Command) => boolean): Promise<Command> {
    const { promise, resolve, reject } = Promise.withResolvers<Command>();
    const waiting = { accepts, resolve, reject };
    this.#waiting.add(waiting);
    return withDeadline(promise, what).finally(() => this.#waiting.delete(waiting));
  }

  close(): void {
    this.tcp.close();
  }

  #sendCommand(streamId: number, name: string, transactionId: number, args: AmfValue[]): number {
    this.send({
      chunkStreamId: streamId === 0 ? CONNECTION_CHUNK_STREAM : STREAM_CHUNK_STREAM,
      typeId: MessageType.commandAmf0,
      streamId,
      timestampMs: 0,
      payload: encodeCommand({ name, transactionId, args }),
    });
    return transactionId;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#shaken) {
      this.#decode(bytes);
      return;
    }
    const { reply, rest } = this.#handshake.push(bytes);
    if (reply !== undefined) this.tcp.write(reply);
    if (rest === undefined) return;
    this.#shaken = true;
    this.#handshakeDone.resolve();
    this.#decode(rest);
  }

  #decode(bytes: Uint8Array): void {
    this.#decoder.push(bytes, (message) => this.#onMessage(message));
    const unacknowledged = this.#decoder.receivedByteCount - this.#ackedByteCount;
    // ffmpeg acknowledges at half of the window, so that the sender never runs dry
    if (this.#ackWindow === 0 || unacknowledged * 2 < this.#ackWindow) return;
    this.#ackedByteCount = this.#decoder.receivedByteCount;
    this.send(encodeAcknowledgement(this.#ackedByteCount));
  }

  #onMessage(message: Message): void {
    switch (message.typeId) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.dataAmf0:
      case MessageType.aggregate:
        this.#handlers.onMedia(message);
        break;
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        this.#onCommand(decodeCommand(message));
        break;
      case MessageType.windowAckSize:
        this.#ackWindow = decodeWindowAckSize(message);
        break;
      case MessageType.userControl:
        this.#onUserControl(message);
    }
  }

  #onUserControl(message: Message): void {
    const { event, value } = decodeUserControl(message);
    if (event === UserControlEvent.pingRequest) {
      this.send(encodeUserControl({ event: UserControlEvent.pingResponse, value }));
    }
  }

  #onCommand(command: Command): void {
    for (const waiting of this.#waiting) if (waiting.accepts(command)) waiting.resolve(command);
  }

  #finish(error: unknown): void {
    const reason = error ?? new AppError("peer", "rtmp-client.closed");
    this.#handshakeDone.reject(reason);
    for (const { reject } of this.#waiting) reject(reason);
    this.#handlers.onClose(error);
  }
}

function isObject(value: AmfValue): value is AmfObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function withDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new AppError("peer", "rtmp-client.no-reply", { what, waitedMs: REPLY_TIMEOUT_MS })),
    REPLY_TIMEOUT_MS,
  );
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
