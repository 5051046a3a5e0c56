import type { Socket, SocketHandler } from "bun";
import type { Clock } from "../../clock.ts";
import { isPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Entry } from "../access/entry.ts";
import { ProxyIntake } from "../access/proxy-intake.ts";
import type { Certificate } from "../tls/certificate.ts";
import { listenRenewed } from "../tls/renewed-listener.ts";
import type { Relievable } from "./descriptor-watch.ts";
import { FairIntake, freeAtOnce } from "./fair-intake.ts";
import type { ByteSink, Outbound } from "./outbound.ts";
import type { Expulsion, Place, Places } from "./places.ts";
import { receiveLittle, receiveMuch } from "./socket-options.ts";
import type { Turns } from "./turns.ts";

/** A connection as sessions see it. */
export type PeerSocket = ByteSink & {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Where the peer reached us. */
  readonly localAddress: string;
  setNoDelay(isOn: boolean): void;
  setKeepAlive(isOn: boolean, delayMs: number): void;
  /** From this call on so many seconds may pass without bytes; 0: any time. */
  timeout(seconds: number): void;
};

/** One connection's protocol. */
export interface PeerSession {
  readonly outbound: Outbound;
  /** Throws what ends the connection. */
  receive(bytes: Uint8Array): void;
  /** Undoes what it began; twice is safe. */
  stop(): void;
}

/** Where a peer comes from: itself, or as the proxy says that it comes by. */
export type Origin = { readonly address: string; readonly port: number };

/** Makes the session when the first bytes come. `setKnown` is to be told whether the peer has shown who it is. */
export type OpenSession = (
  socket: PeerSocket,
  setKnown: (isKnown: boolean) => void,
  origin: Origin,
) => PeerSession;

export type PeerListenerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly entry: Entry;
  /** Sessions judge clients that come by a proxy themselves, who may be named in the request. */
  readonly readsForwardedFor: boolean;
  /** Undefined: not encrypted. */
  readonly certificate?: Certificate | undefined;
  readonly places: Places;
  /** Shared by those who have not shown who they are, and by those who have. */
  readonly turns: { readonly strangers: Turns; readonly known: Turns };
  readonly clock: Clock;
  readonly log: Logger;
};

/** Whoever is connected stays so while it does not listen. */
export type PeerListener = AsyncDisposable &
  Relievable & {
    readonly port: number;
    readonly connectionCount: number;
    /** Once nobody is connected any more. */
    whenEmpty(): Promise<void>;
  };

type Connection = {
  readonly place: Place;
  readonly intake: FairIntake;
  /** Of a trusted proxy, which may say for whom it comes. */
  readonly proxyIntake: ProxyIntake | undefined;
  session: PeerSession | undefined;
  isKnown: boolean;
  /** It is gone, and what it had sent before is still being read. */
  isFinishing: boolean;
  /** What came after the session had ended. */
  ignoredByteCount: number;
};

/** A peer whose session has ended is read on, so that it gets the last reply; not for ever. */
const MAX_IGNORED_BYTES = 256 * 1024;
const MAX_STRANGERS_IGNORED_BYTES = 16 * 1024;

type TcpSocket = Socket<Connection | undefined>;

/** Listens once it returns; `name` is the protocol's, and starts its log events. Disposing ends every connection. */
export function listenForPeers(
  name: string,
  options: PeerListenerOptions,
  openSession: OpenSession,
): PeerListener {
  const peers = new Peers(name, options, openSession);
  const handlers: SocketHandler<Connection | undefined> = {
    open: (socket) => peers.open(socket),
    // Without it Bun tells of an encrypted connection only once it is one: nobody would count and limit it until then
    handshake() {},
    data: (socket, bytes) => peers.take(socket, bytes),
    drain: (socket) => socket.data?.session?.outbound.drain(),
    timeout(socket) {
      options.log.info(`${name}.silent`, { from: socket.remoteAddress });
      socket.terminate();
    },
    close: (socket) => peers.forget(socket),
    // Bun hands over what the other functions throw
    error: (socket, error) => peers.fail(socket, error),
  };
  const listener = listenRenewed(options.port, options.certificate, (port, pair) => {
    const tls = pair && { tls: pair };
    const own = Bun.listen<Connection | undefined>({
      hostname: options.host,
      port,
      socket: handlers,
      ...tls,
    });
    receiveLittle(own.fd);
    return own;
  });
  return {
    port: listener.port,
    get connectionCount() {
      return peers.count;
    },
    stopListening: () => listener.stopListening(),
    listenAgain: () => listener.listenAgain(),
    expelStrangers: (count) => options.places.expelStrangers(count),
    whenEmpty: () => peers.whenEmpty(),
    async [Symbol.asyncDispose]() {
      listener[Symbol.dispose]();
      peers.endAll();
    },
  };
}

/** What a connection costs before its first byte is as little as can be: thousands a second may come. */
class Peers {
  readonly #sockets = new Set<TcpSocket>();
  #emptied: PromiseWithResolvers<void> | undefined;
  #finishingCount = 0;

  constructor(
    readonly name: string,
    readonly options: PeerListenerOptions,
    readonly openSession: OpenSession,
  ) {}

  get count(): number {
    return this.#sockets.size;
  }

  get #isEmpty(): boolean {
    return this.#sockets.size === 0 && this.#finishingCount === 0;
  }

  whenEmpty(): Promise<void> {
    this.#emptied ??= Promise.withResolvers<void>();
    if (this.#isEmpty) this.#emptied.resolve();
    return this.#emptied.promise;
  }

  open(socket: TcpSocket): void {
    const { entry, places, turns, log } = this.options;
    // Bun's types do not say so: a peer that has reset the connection by now has none
    const from: string | undefined = socket.remoteAddress;
    if (from === undefined) {
      socket.terminate();
      return;
    }
    const isProxy = entry.isProxy(from);
    if (!isProxy && !entry.admits(from)) {
      this.#shutOut(socket, from);
      return;
    }
    const expel = (why: Expulsion) => {
      if (why === "crowded") this.#warnOfCrowd(socket);
      else log.info(`${this.name}.unintroduced`, { from });
      socket.terminate();
    };
    const place = places.enter(from, expel, !isProxy);
    if (place === undefined) {
      this.#warnOfCrowd(socket);
      socket.terminate();
      return;
    }
    this.#sockets.add(socket);
    const handOn = (bytes: Uint8Array) => this.receive(socket, bytes);
    const intake = new FairIntake(socket, turns.strangers, handOn);
    const proxyIntake = isProxy ? new ProxyIntake() : undefined;
    const begun = { session: undefined, isKnown: false, isFinishing: false, ignoredByteCount: 0 };
    socket.data = { place, intake, proxyIntake, ...begun };
  }

  take(socket: TcpSocket, bytes: Uint8Array): void {
    const connection = socket.data;
    if (connection === undefined) return;
    if (connection.session?.outbound.isOpen !== false) {
      connection.intake.push(bytes);
      return;
    }
    connection.ignoredByteCount += bytes.length;
    freeAtOnce(bytes);
    const limit = connection.isKnown ? MAX_IGNORED_BYTES : MAX_STRANGERS_IGNORED_BYTES;
    if (connection.ignoredByteCount > limit) socket.terminate();
  }

  receive(socket: TcpSocket, bytes: Uint8Array): void {
    const connection = socket.data;
    if (connection === undefined) return;
    try {
      const rest = connection.session === undefined ? this.#begin(socket, connection, bytes) : bytes;
      if (rest !== undefined && connection.session?.outbound.isOpen) connection.session.receive(rest);
    } catch (error) {
      this.fail(socket, error);
    }
    // Bun closes at once, in the middle of `receive`: what the session began after that has no other end
    if (!this.#sockets.has(socket) && !connection.isFinishing) connection.session?.stop();
  }

  /** Returns what is left of the bytes for the session; undefined while there is none. */
  #begin(socket: TcpSocket, connection: Connection, bytes: Uint8Array): Uint8Array | undefined {
    const { entry, readsForwardedFor } = this.options;
    const begun = connection.proxyIntake === undefined ? { rest: bytes } : connection.proxyIntake.push(bytes);
    if (begun === undefined) return undefined;
    const origin = begun.source ?? { address: socket.remoteAddress, port: socket.remotePort };
    const mayBeNamed = readsForwardedFor && entry.isProxy(origin.address);
    if (!mayBeNamed && !entry.admits(origin.address)) {
      this.#shutOut(socket, origin.address);
      return undefined;
    }
    connection.session = this.#openSession(socket, connection, origin);
    return begun.rest;
  }

  /** The one place for what sessions throw: a peer's mistake, or a bug, is logged once and ends that connection alone. */
  fail(socket: TcpSocket, error: unknown): void {
    this.options.log[isPeerFault(error) ? "warn" : "error"](`${this.name}.failed`, {
      from: socket.remoteAddress,
      reason: messageOf(error),
    });
    const session = socket.data?.session;
    session?.stop();
    if (session === undefined) socket.terminate();
    else session.outbound.end();
    if (socket.data?.isKnown === false) socket.data.intake.drop();
  }

  forget(socket: TcpSocket): void {
    this.#sockets.delete(socket);
    const { data: connection } = socket;
    if (connection === undefined) return;
    const { place, intake, session, isKnown } = connection;
    place.leave();
    connection.isFinishing = isKnown;
    if (isKnown) this.#finishingCount += 1;
    else intake.close();
    const end = () => {
      if (isKnown) this.#finishingCount -= 1;
      session?.outbound.close();
      session?.stop();
      if (this.#isEmpty) this.#emptied?.resolve();
    };
    if (isKnown) intake.finish(end);
    else end();
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.end();
  }

  #openSession(socket: TcpSocket, connection: Connection, origin: Origin): PeerSession {
    const { turns } = this.options;
    // Bun ends what it accepted after two minutes, whatever the peer sends
    socket.timeout(0);
    const setKnown = (isKnown: boolean) => {
      if (isKnown && !connection.isKnown) receiveMuch(socket.fd);
      connection.isKnown = isKnown;
      connection.place.setKnown(isKnown);
      connection.intake.turns = isKnown ? turns.known : turns.strangers;
    };
    return this.openSession(socket, setKnown, origin);
  }

  #shutOut(socket: TcpSocket, from: string): void {
    this.options.log.debug(`${this.name}.not-admitted`, { from });
    socket.terminate();
  }

  #warnOfCrowd(socket: TcpSocket): void {
    const { log, places } = this.options;
    log.warn(`${this.name}.too-many-connections`, { from: socket.remoteAddress, limit: places.most });
  }
}
