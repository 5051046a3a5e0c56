import type { Socket } from "bun";
import type { Clock } from "../../clock.ts";
import { isPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Relievable } from "./descriptor-watch.ts";
import { FairIntake, freeAtOnce } from "./fair-intake.ts";
import type { ByteSink, Outbound } from "./outbound.ts";
import type { Place, Places } from "./places.ts";
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

/** Makes the session when the first bytes come. `setKnown` is to be told whether the peer has shown who it is. */
export type OpenSession = (socket: PeerSocket, setKnown: (isKnown: boolean) => void) => PeerSession;

export type PeerListenerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
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
  session: PeerSession | undefined;
  isKnown: boolean;
  /** What came after the session had ended. */
  ignoredByteCount: number;
};

/** A peer whose session has ended is read on, so that it gets the last reply; not for ever. */
const MAX_IGNORED_BYTES = 256 * 1024;

type TcpSocket = Socket<Connection | undefined>;

/** Listens once it returns; `name` is the protocol's, and starts its log events. Disposing ends every connection. */
export function listenForPeers(
  name: string,
  options: PeerListenerOptions,
  openSession: OpenSession,
): PeerListener {
  const peers = new Peers(name, options, openSession);
  const socket = {
    open: (socket: TcpSocket) => peers.open(socket),
    data: (socket: TcpSocket, bytes: Uint8Array) => peers.take(socket, bytes),
    drain: (socket: TcpSocket) => socket.data?.session?.outbound.drain(),
    timeout(socket: TcpSocket) {
      options.log.info(`${name}.silent`, { from: socket.remoteAddress });
      socket.terminate();
    },
    close: (socket: TcpSocket) => peers.forget(socket),
    // Bun hands over what the other functions throw
    error: (socket: TcpSocket, error: Error) => peers.fail(socket, error),
  };
  const listen = (port: number) => {
    const listener = Bun.listen<Connection | undefined>({ hostname: options.host, port, socket });
    receiveLittle(listener.fd);
    return listener;
  };
  const first = listen(options.port);
  const { port } = first;
  let listener: typeof first | undefined = first;
  const stopListening = () => {
    listener?.stop();
    listener = undefined;
  };
  return {
    port,
    get connectionCount() {
      return peers.count;
    },
    stopListening,
    listenAgain() {
      listener ??= listen(port);
    },
    expelStrangers: (count) => options.places.expelStrangers(count),
    whenEmpty: () => peers.whenEmpty(),
    async [Symbol.asyncDispose]() {
      stopListening();
      peers.endAll();
    },
  };
}

/** What a connection costs before its first byte is as little as can be: thousands a second may come. */
class Peers {
  readonly #sockets = new Set<TcpSocket>();
  #emptied: PromiseWithResolvers<void> | undefined;

  constructor(
    readonly name: string,
    readonly options: PeerListenerOptions,
    readonly openSession: OpenSession,
  ) {}

  get count(): number {
    return this.#sockets.size;
  }

  whenEmpty(): Promise<void> {
    this.#emptied ??= Promise.withResolvers<void>();
    if (this.#sockets.size === 0) this.#emptied.resolve();
    return this.#emptied.promise;
  }

  open(socket: TcpSocket): void {
    const { places, turns, log } = this.options;
    // Bun's types do not say so: a peer that has reset the connection by now has none
    const from: string | undefined = socket.remoteAddress;
    if (from === undefined) {
      socket.terminate();
      return;
    }
    const place = places.enter(from, (why) => {
      if (why === "crowded") this.#warnOfCrowd(socket);
      else log.info(`${this.name}.unintroduced`, { from });
      socket.terminate();
    });
    if (place === undefined) {
      this.#warnOfCrowd(socket);
      socket.terminate();
      return;
    }
    this.#sockets.add(socket);
    const handOn = (bytes: Uint8Array) => this.receive(socket, bytes);
    const intake = new FairIntake(socket, turns.strangers, handOn);
    socket.data = { place, intake, session: undefined, isKnown: false, ignoredByteCount: 0 };
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
    if (connection.ignoredByteCount > MAX_IGNORED_BYTES) socket.terminate();
  }

  receive(socket: TcpSocket, bytes: Uint8Array): void {
    const connection = socket.data;
    if (connection === undefined) return;
    connection.session ??= this.#openSession(socket, connection);
    const { session } = connection;
    if (!session.outbound.isOpen) return;
    try {
      session.receive(bytes);
    } catch (error) {
      this.fail(socket, error);
    }
    // Bun closes at once, in the middle of `receive`: what the session began after that has no other end
    if (!this.#sockets.has(socket)) session.stop();
  }

  /** The one place for what sessions throw: a peer's mistake, or a bug, is logged once and ends that connection alone. */
  fail(socket: TcpSocket, error: unknown): void {
    this.options.log[isPeerFault(error) ? "warn" : "error"](`${this.name}.failed`, {
      from: socket.remoteAddress,
      reason: messageOf(error),
    });
    socket.data?.session?.stop();
    socket.data?.session?.outbound.end();
    if (socket.data?.isKnown === false) socket.data.intake.drop();
  }

  forget(socket: TcpSocket): void {
    this.#sockets.delete(socket);
    const { data: connection } = socket;
    if (connection === undefined) return;
    const { place, intake, session, isKnown } = connection;
    place.leave();
    if (isKnown) intake.finish();
    else intake.close();
    session?.outbound.close();
    session?.stop();
    if (this.#sockets.size === 0) this.#emptied?.resolve();
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.end();
  }

  #openSession(socket: TcpSocket, connection: Connection): PeerSession {
    const { turns } = this.options;
    // Bun ends what it accepted after two minutes, whatever the peer sends
    socket.timeout(0);
    return this.openSession(socket, (isKnown) => {
      if (isKnown && !connection.isKnown) receiveMuch(socket.fd);
      connection.isKnown = isKnown;
      connection.place.setKnown(isKnown);
      connection.intake.turns = isKnown ? turns.known : turns.strangers;
    });
  }

  #warnOfCrowd(socket: TcpSocket): void {
    const { log, places } = this.options;
    log.warn(`${this.name}.too-many-connections`, { from: socket.remoteAddress, limit: places.most });
  }
}
