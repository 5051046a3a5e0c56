import type { Socket } from "bun";
import type { Clock } from "../../clock.ts";
import { isPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { FairIntake } from "./fair-intake.ts";
import type { ByteSink, Outbound } from "./outbound.ts";
import type { Place, Places } from "./places.ts";
import type { Turns } from "./turns.ts";

/** A connection as sessions see it. */
export type PeerSocket = ByteSink & {
  readonly remoteAddress: string;
  readonly remotePort: number;
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

export type PeerListener = AsyncDisposable & {
  readonly port: number;
  readonly connectionCount: number;
  /** Whoever is connected stays so. */
  stopListening(): void;
  /** Once nobody is connected any more. */
  whenEmpty(): Promise<void>;
};

type Connection = {
  readonly place: Place;
  readonly intake: FairIntake;
  session: PeerSession | undefined;
  isKnown: boolean;
};

type TcpSocket = Socket<Connection | undefined>;

/** Listens once it returns; `name` is the protocol's, and starts its log events. Disposing ends every connection. */
export function listenForPeers(
  name: string,
  options: PeerListenerOptions,
  openSession: OpenSession,
): PeerListener {
  const peers = new Peers(name, options, openSession);
  const listener = Bun.listen<Connection | undefined>({
    hostname: options.host,
    port: options.port,
    socket: {
      open: (socket) => peers.open(socket),
      data: (socket, bytes) => socket.data?.intake.push(bytes),
      drain: (socket) => socket.data?.session?.outbound.drain(),
      timeout(socket) {
        options.log.info(`${name}.silent`, { from: socket.remoteAddress });
        socket.terminate();
      },
      close: (socket) => peers.forget(socket),
      // Bun hands over what the other functions throw
      error: (socket, error) => peers.fail(socket, error),
    },
  });
  return {
    port: listener.port,
    get connectionCount() {
      return peers.count;
    },
    stopListening: () => listener.stop(),
    whenEmpty: () => peers.whenEmpty(),
    async [Symbol.asyncDispose]() {
      listener.stop();
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
    socket.data = { place, intake, session: undefined, isKnown: false };
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
    return this.openSession(socket, (isKnown) => {
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
