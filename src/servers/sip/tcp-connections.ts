import type { Socket } from "bun";
import type { Clock } from "../../clock.ts";
import { isPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type Framed, SipFramer } from "../../protocols/sip/framer.ts";
import type { SipMessage } from "../../protocols/sip/message.ts";
import type { SipPeer } from "../../protocols/sip/peer.ts";
import { FairIntake } from "../tcp/fair-intake.ts";

type Connection = {
  readonly peer: SipPeer;
  readonly framer: SipFramer;
  readonly intake: FairIntake;
  /** What the peer has not taken yet. */
  unsent: Uint8Array[];
  unsentByteCount: number;
};

type SipSocket = Socket<Connection | undefined>;

export type TcpConnectionsOptions = {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly isAllowed: (address: string) => boolean;
  readonly onMessage: (message: SipMessage, source: SipPeer) => void;
};

const MAX_CONNECTIONS = 100;
/** A peer that lets so much pile up is not reading. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** RFC 5626, section 4.4.1: a flow that shows no life for so long is given up; dialogs may last longer. */
const IDLE_SECONDS = 255;
const PONG = new Uint8Array([0x0d, 0x0a]);

/** SIP over TCP: connections of peers, which answers and our own requests to them go back on. */
export class TcpConnections implements Disposable {
  readonly #options: TcpConnectionsOptions;
  readonly #listener: Bun.TCPSocketListener<Connection | undefined>;
  readonly #sockets = new Map<string, SipSocket>();

  /** Throws what Bun throws when the port is taken. */
  constructor(options: TcpConnectionsOptions) {
    this.#options = options;
    this.#listener = Bun.listen<Connection | undefined>({
      hostname: options.host,
      port: options.port,
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, bytes) => socket.data?.intake.push(bytes),
        drain: (socket) => drain(socket),
        timeout: (socket) => socket.terminate(),
        close: (socket) => this.#forget(socket),
        error: (socket, error) => this.#fail(socket, error),
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** False when there is no such connection any more. */
  send(bytes: Uint8Array, { address, port }: SipPeer): boolean {
    const socket = this.#sockets.get(keyOf(address, port));
    if (socket === undefined) return false;
    write(socket, bytes);
    return true;
  }

  [Symbol.dispose](): void {
    this.#listener.stop();
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  #open(socket: SipSocket): void {
    const { isAllowed, clock, log } = this.#options;
    const { remoteAddress: address, remotePort: port } = socket;
    if (!isAllowed(address) || this.#sockets.size >= MAX_CONNECTIONS) {
      log.warn("sip.connection-refused", { from: address, connections: this.#sockets.size });
      socket.terminate();
      return;
    }
    socket.timeout(IDLE_SECONDS);
    socket.setNoDelay(true);
    socket.data = {
      peer: { transport: "TCP", address, port },
      framer: new SipFramer(),
      intake: new FairIntake(socket, clock, (bytes) => this.#receive(socket, bytes)),
      unsent: [],
      unsentByteCount: 0,
    };
    this.#sockets.set(keyOf(address, port), socket);
  }

  #receive(socket: SipSocket, bytes: Uint8Array): void {
    const { data } = socket;
    if (data === undefined || socket.readyState !== 1) return;
    socket.timeout(IDLE_SECONDS);
    try {
      data.framer.push(bytes, (framed) => this.#take(socket, framed, data.peer));
    } catch (thrown) {
      this.#fail(socket, thrown);
    }
  }

  #take(socket: SipSocket, framed: Framed, peer: SipPeer): void {
    if (framed.kind === "ping") write(socket, PONG);
    else this.#options.onMessage(framed.message, peer);
  }

  #fail(socket: SipSocket, thrown: unknown): void {
    this.#options.log[isPeerFault(thrown) ? "warn" : "error"]("sip.connection-failed", {
      from: socket.data?.peer.address,
      reason: messageOf(thrown),
    });
    socket.terminate();
  }

  #forget({ data }: SipSocket): void {
    if (data === undefined) return;
    data.intake.close();
    this.#sockets.delete(keyOf(data.peer.address, data.peer.port));
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}

function write(socket: SipSocket, bytes: Uint8Array): void {
  const { data } = socket;
  if (data === undefined) return;
  const taken = data.unsent.length > 0 ? 0 : Math.max(0, socket.write(bytes));
  if (taken === bytes.length) return;
  data.unsent.push(bytes.slice(taken));
  data.unsentByteCount += bytes.length - taken;
  if (data.unsentByteCount > MAX_UNSENT_BYTES) socket.terminate();
}

function drain(socket: SipSocket): void {
  const { data } = socket;
  if (data === undefined) return;
  const waiting = data.unsent;
  data.unsent = [];
  data.unsentByteCount = 0;
  for (const bytes of waiting) write(socket, bytes);
}
