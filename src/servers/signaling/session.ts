import { plainAddress } from "../../addresses.ts";
import { AppError, isPeerFault } from "../../errors.ts";
import { type RequestHead, RequestHeadReader } from "../../protocols/http/request-head.ts";
import { encodeResponseHead } from "../../protocols/http/response-head.ts";
import { CloseCode, MAX_TEXT_BYTES } from "../../protocols/signaling/codes.ts";
import { Opcode } from "../../protocols/websocket/frame.ts";
import { isUpgrade } from "../../protocols/websocket/handshake.ts";
import { type Entry, findClient } from "../access/entry.ts";
import { Outbound } from "../tcp/outbound.ts";
import type { Origin, PeerSession, PeerSocket } from "../tcp/peer-listener.ts";
import { unacknowledgedBytes } from "../tcp/socket-options.ts";
import { encodePing, WebSocketChannel } from "../tcp/web-socket-channel.ts";
import { Connection, type ConnectionDuties } from "./connection.ts";
import { readHost, toUrlHost } from "./host.ts";

/** What sessions share. */
export type SignalingDoor = {
  readonly duties: ConnectionDuties;
  /** Those that have upgraded to WebSocket. */
  readonly connections: Set<Connection>;
  /** Whether its connections are encrypted. */
  readonly isSecure: boolean;
  readonly entry: Entry;
  /** The client is gone; `isLost`: without having said so. */
  readonly onGone: (connection: Connection, isLost: boolean) => void;
};

const PATHS = new Set(["/", "/ws"]);
/** More than a registration needs, and all that somebody who has not registered may send at once, or altogether. */
const MAX_STRANGERS_TEXT_BYTES = 4 * 1024;
const MAX_STRANGERS_BYTES = 64 * 1024;
const NO_FRAMES = { maxAgeMs: 0, maxBytes: 0 };
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One client's TCP connection: an HTTP request that becomes a WebSocket, whose frames are bounded. */
export class SignalingSession implements PeerSession {
  readonly outbound: Outbound;
  #head: RequestHeadReader | undefined = new RequestHeadReader();
  #channel: WebSocketChannel | undefined;
  #connection: Connection | undefined;
  #receivedByteCount = 0;

  constructor(
    readonly socket: PeerSocket,
    readonly setKnown: (isKnown: boolean) => void,
    readonly door: SignalingDoor,
    readonly origin: Origin,
  ) {
    this.outbound = new Outbound(socket, { clock: door.duties.clock, queue: NO_FRAMES });
  }

  receive(bytes: Uint8Array): void {
    this.#receivedByteCount += bytes.length;
    if (this.#connection?.registration === undefined && this.#receivedByteCount > MAX_STRANGERS_BYTES) {
      throw new AppError("peer", "signaling.too-much-unregistered", { limit: MAX_STRANGERS_BYTES });
    }
    if (this.#head === undefined) this.#receiveFrames(bytes);
    else this.#receiveHead(this.#head, bytes);
  }

  stop(): void {
    const connection = this.#connection;
    if (connection === undefined || !this.door.connections.delete(connection)) return;
    connection.forget();
    this.door.onGone(connection, this.#channel?.isOpen === true);
  }

  #receiveHead(reader: RequestHeadReader, bytes: Uint8Array): void {
    try {
      const request = reader.push(bytes);
      if (request === undefined) return;
      this.#head = undefined;
      this.#route(request.head);
      if (request.rest.length > 0) this.#receiveFrames(request.rest);
    } catch (error) {
      if (this.#channel !== undefined || !isPeerFault(error)) throw error;
      this.door.duties.log.warn("signaling.bad-request", {
        from: this.socket.remoteAddress,
        reason: error.message,
      });
      this.#refuse(400, `The request is not valid: ${error.message}.`);
    }
  }

  #route(head: RequestHead): void {
    const { entry } = this.door;
    const client = findClient(this.origin.address, head.headers.get("x-forwarded-for"), entry);
    if (!entry.admits(client)) this.#refuse(403, "This address may not connect.");
    else if (!PATHS.has(head.path)) this.#refuse(404, "There is only /ws.");
    else if (!isUpgrade(head)) this.#refuse(426, "WebSocket only.");
    else this.#open(client, head);
  }

  /** Throws `websocket.bad-upgrade`. */
  #open(client: string, head: RequestHead): void {
    const connection = this.#makeConnection(client, head);
    const limits = {
      get maxMessageBytes() {
        return connection.registration === undefined ? MAX_STRANGERS_TEXT_BYTES : MAX_TEXT_BYTES;
      },
    };
    this.#channel = new WebSocketChannel(head, limits, {
      write: (bytes) => this.outbound.sendControl(bytes),
      onMessage: (opcode, payload) => receiveMessage(connection, opcode, payload),
      onPing: () => connection.countFrame(0),
      onPong: () => connection.countFrame(0),
      onTooLong: () => connection.refuse(`longer than ${limits.maxMessageBytes} bytes`),
    });
    this.#connection = connection;
    this.door.connections.add(connection);
  }

  #makeConnection(address: string, { headers }: RequestHead): Connection {
    const { socket, outbound, door } = this;
    const origin = {
      address,
      from: `${toUrlHost(address)}:${this.origin.port}`,
      host: readHost(headers.get("host")) ?? toUrlHost(plainAddress(socket.localAddress)),
      isSecure: door.isSecure,
    };
    const peer = {
      get unsentByteCount() {
        return outbound.controlByteCount + (unacknowledgedBytes(socket.fd) ?? 0);
      },
      setKnown: this.setKnown,
      send: (text: string) => this.#channel?.sendText(text),
      ping: () => outbound.sendControl(encodePing()),
      close: (code: number, reason: string) => {
        this.#channel?.close(code, reason);
        outbound.end();
      },
      terminate: () => socket.terminate(),
    };
    return new Connection(origin, peer, this.door.duties);
  }

  #receiveFrames(bytes: Uint8Array): void {
    if (this.#channel?.receive(bytes) === false) this.outbound.end();
  }

  #refuse(status: number, sentence: string): void {
    const body = Buffer.from(`${sentence}\n`);
    const headers = { "Content-Length": String(body.length), Connection: "close" };
    this.outbound.sendControl(Buffer.concat([encodeResponseHead(status, headers), body]));
    this.outbound.end();
  }
}

function receiveMessage(connection: Connection, opcode: number, payload: Uint8Array): void {
  if (opcode !== Opcode.text) {
    connection.refuse("binary frame");
    connection.close(CloseCode.unsupportedData, "binary frame");
    return;
  }
  let text: string;
  try {
    text = UTF8.decode(payload);
  } catch {
    connection.close(CloseCode.invalidData, "not UTF-8");
    return;
  }
  if (!connection.countFrame(payload.length)) return;
  try {
    connection.receive(text);
  } catch (thrown) {
    connection.duties.fault(connection, thrown);
  }
}
