import type { Socket, SocketHandler } from "bun";
import type { Clock, Timer } from "../../clock.ts";
import { AppError, isPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { SipFramer } from "../../protocols/sip/framer.ts";
import type { SipMessage } from "../../protocols/sip/message.ts";
import type { SipPeer } from "../../protocols/sip/peer.ts";
import { FairIntake } from "../tcp/fair-intake.ts";
import { MESSAGES, Turns } from "../tcp/turns.ts";

type Connection = {
  readonly peer: SipPeer;
  readonly framer: SipFramer;
  readonly intake: FairIntake;
  /** Of the newest bytes. */
  heardAtMs: number;
  /** Whether a whole message has come, or the connection is ours. */
  isProven: boolean;
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
  /** The peers of all calls that go on: their connections may be silent. */
  readonly inCalls: () => readonly SipPeer[];
  /** Whether the peer may send one more message. One that sends too many is cut off: nothing is sent again over TCP. */
  readonly mayRead: (message: SipMessage, source: SipPeer) => boolean;
  readonly onMessage: (message: SipMessage, source: SipPeer) => void;
};

const MAX_CONNECTIONS = 100;
/** A peer that lets so much pile up is not reading. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** RFC 5626, section 4.4.1: a flow that shows no life for so long is given up, unless a call needs it. */
const IDLE_MS = 255_000;
/** So long a peer may take until its first message is there. */
const FIRST_MESSAGE_MS = 30_000;
const SWEEP_MS = 5_000;
const PONG = new Uint8Array([0x0d, 0x0a]);

/** SIP over TCP: connections of peers, which answers and our own requests to them go back on, and ours to peers. */
export class TcpConnections implements Disposable {
  readonly #options: TcpConnectionsOptions;
  readonly #listener: Bun.TCPSocketListener<Connection | undefined>;
  readonly #handlers: SocketHandler<Connection | undefined>;
  readonly #sockets = new Map<string, SipSocket>();
  readonly #turns: Turns;
  /** What waits for a connection of ours to open. */
  readonly #opening = new Map<string, Uint8Array[]>();
  /** Bun's own time-out never fires after more than 240 s. */
  readonly #sweeping: Timer;

  /** Throws what Bun throws when the port is taken. */
  constructor(options: TcpConnectionsOptions) {
    this.#options = options;
    this.#turns = new Turns(options.clock, MESSAGES);
    this.#handlers = {
      data: (socket, bytes) => socket.data?.intake.push(bytes),
      drain: (socket) => drain(socket),
      close: (socket) => this.#forget(socket),
      error: (socket, error) => this.#fail(socket, error),
    };
    this.#listener = Bun.listen<Connection | undefined>({
      hostname: options.host,
      port: options.port,
      socket: { ...this.#handlers, open: (socket) => this.#accept(socket) },
    });
    this.#sweeping = options.clock.every(SWEEP_MS, () => this.#sweep());
  }

  get port(): number {
    return this.#listener.port;
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** False when there is no such connection any more, neither the peer's nor one of ours in its place. */
  send(bytes: Uint8Array, { address, port, fallback }: SipPeer): boolean {
    const ours = fallback?.transport === "TCP" ? keyOf(fallback.address, fallback.port) : "";
    const socket = this.#sockets.get(keyOf(address, port)) ?? this.#sockets.get(ours);
    if (socket === undefined) return false;
    write(socket, bytes);
    return true;
  }

  /** Sends on a connection of our own, which peers use like theirs. Nothing is told of one that can't be had. */
  connect(bytes: Uint8Array, { address, port }: SipPeer): void {
    const key = keyOf(address, port);
    const waiting = this.#opening.get(key);
    if (waiting !== undefined) {
      if (waiting.length < MAX_WAITING) waiting.push(bytes);
      return;
    }
    if (this.#opening.size >= MAX_CONNECTIONS) return;
    this.#opening.set(key, [bytes]);
    const socket = { ...this.#handlers, open: (opened: SipSocket) => this.#open(opened, true) };
    Bun.connect<Connection | undefined>({ hostname: address, port, data: undefined, socket }).then(
      (opened) => {
        for (const message of this.#opening.get(key) ?? []) write(opened, message);
        this.#opening.delete(key);
      },
      (thrown) => {
        this.#opening.delete(key);
        this.#options.log.debug("sip.unsent", { to: address, reason: messageOf(thrown) });
      },
    );
  }

  [Symbol.dispose](): void {
    this.#sweeping.cancel();
    this.#listener.stop();
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  #accept(socket: SipSocket): void {
    const { isAllowed, log } = this.#options;
    // Bun's types do not say so: a peer that has reset the connection by now has none
    const address: string | undefined = socket.remoteAddress;
    if (address === undefined) {
      socket.terminate();
      return;
    }
    if (!isAllowed(address) || !this.#makeRoom()) {
      log.warn("sip.connection-refused", { from: address, connections: this.#sockets.size });
      socket.terminate();
      return;
    }
    this.#open(socket, false);
  }

  /** The unproven connection that came first goes when all places are taken. */
  #makeRoom(): boolean {
    if (this.#sockets.size < MAX_CONNECTIONS) return true;
    for (const [key, socket] of this.#sockets) {
      if (socket.data?.isProven) continue;
      this.#sockets.delete(key);
      socket.terminate();
      return true;
    }
    return false;
  }

  #open(socket: SipSocket, isProven: boolean): void {
    const { clock } = this.#options;
    const { remoteAddress: address, remotePort: port } = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.data = {
      peer: { transport: "TCP", address, port },
      framer: new SipFramer(),
      intake: new FairIntake(socket, this.#turns, (bytes) => this.#receive(socket, bytes)),
      heardAtMs: clock.nowMs(),
      isProven,
      unsent: [],
      unsentByteCount: 0,
    };
    this.#sockets.set(keyOf(address, port), socket);
  }

  #receive(socket: SipSocket, bytes: Uint8Array): void {
    const { data } = socket;
    if (data === undefined || socket.readyState !== 1) return;
    let isPinged = false;
    try {
      data.framer.push(bytes, (framed) => {
        if (framed.kind === "ping") isPinged = true;
        else this.#take(framed.message, data);
        // Whole messages and pings show life; pieces of a message that never ends do not.
        data.heardAtMs = this.#options.clock.nowMs();
      });
      // One for all that came together: thousands fit into a packet.
      if (isPinged) write(socket, PONG);
    } catch (thrown) {
      this.#fail(socket, thrown);
    }
  }

  #take(message: SipMessage, connection: Connection): void {
    const { mayRead, onMessage } = this.#options;
    connection.isProven = true;
    if (!mayRead(message, connection.peer)) throw new AppError("peer", "sip.too-many-messages");
    onMessage(message, connection.peer);
  }

  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    const limitOf = ({ isProven }: Connection) => (isProven ? IDLE_MS : FIRST_MESSAGE_MS);
    const idle = [...this.#sockets.values()].filter(
      ({ data }) => data !== undefined && nowMs - data.heardAtMs >= limitOf(data),
    );
    if (idle.length === 0) return;
    const needed = new Set(this.#options.inCalls().map(({ address, port }) => keyOf(address, port)));
    for (const socket of idle) {
      const { peer } = socket.data ?? {};
      if (peer !== undefined && !needed.has(keyOf(peer.address, peer.port))) socket.terminate();
    }
  }

  #fail(socket: SipSocket, thrown: unknown): void {
    this.#options.log[isPeerFault(thrown) ? "warn" : "error"]("sip.connection-failed", {
      from: socket.data?.peer.address,
      reason: messageOf(thrown),
    });
    socket.terminate();
  }

  #forget(socket: SipSocket): void {
    const { data } = socket;
    if (data === undefined) return;
    data.intake.close();
    const key = keyOf(data.peer.address, data.peer.port);
    if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
  }
}

/** Messages for a connection of ours that is not open yet. */
const MAX_WAITING = 100;
/** A peer that is gone for good answers no probe of the system, which then closes the connection. */
const KEEP_ALIVE_MS = 60_000;

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
