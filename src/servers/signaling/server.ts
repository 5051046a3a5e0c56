import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import { CloseCode } from "../../protocols/signaling/codes.ts";
import { LoginThrottle } from "../../users/login-throttle.ts";
import type { Entry } from "../access/entry.ts";
import { readDescriptorLimit } from "../tcp/descriptor-limit.ts";
import type { Relievable } from "../tcp/descriptor-watch.ts";
import { listenForPeers, type PeerListener } from "../tcp/peer-listener.ts";
import { Places } from "../tcp/places.ts";
import type { Lanes } from "../tcp/turns.ts";
import type { Certificate } from "../tls/certificate.ts";
import type { Connection } from "./connection.ts";
import { isOwnAddress } from "./host.ts";
import { createServe, type RequestServices } from "./requests.ts";
import { SignalingSession } from "./session.ts";

type ListenAddress = { readonly host: string; readonly port: number };

export type SignalingServerOptions = Omit<RequestServices, "throttle" | "isOwnAddress"> & {
  /** The addresses of this machine, unless told otherwise. */
  readonly isOwnAddress?: RequestServices["isOwnAddress"];
  readonly addr: ListenAddress;
  readonly entry: Entry;
  /** Undefined: plain only. */
  readonly secure?: { readonly addr: ListenAddress; readonly certificate: Certificate } | undefined;
  readonly pingMs: number;
  /** A client that sends no frame, not even a pong, for so long is disconnected. */
  readonly deadMs: number;
  readonly maxClients: number;
  readonly lanes: Lanes;
  /** Failures of a user from an address in a row before a lock-out of `lockoutMs`. */
  readonly maxLoginFailures: number;
  readonly lockoutMs: number;
  readonly clock: Clock;
};

const SWEEP_MS = 1_000;
const GOODBYE_MS = 500;
/** So long a client may take to register. */
const INTRODUCE_MS = 10_000;
/** Proxies close connections that are silent for longer than they think right; a kernel asks after this. */
const KEEP_ALIVE_MS = 60_000;

type Context = {
  readonly options: SignalingServerOptions;
  readonly connections: Set<Connection>;
};

export type SignalingServer = AsyncDisposable &
  Relievable & {
    readonly port: number;
    /** Undefined where it is plain only. */
    readonly securePort: number | undefined;
    /** Open sockets, registered or not. */
    readonly connectionCount: number;
  };

/** Listens for clients on `/` and `/ws`. Stopping ends all calls and closes each socket with 1001. */
export function startSignalingServer(options: SignalingServerOptions): SignalingServer {
  const { addr, entry, secure, clock, log, lanes, maxClients } = options;
  const { maxLoginFailures: maxFailures, lockoutMs } = options;
  const throttle = new LoginThrottle({ maxFailures, lockoutMs, clock });
  const serve = createServe({ isOwnAddress, ...options, throttle });
  const fault = (connection: Connection, thrown: unknown) => {
    log.error("signaling.fault", { from: connection.from, error: messageOf(thrown) });
    connection.close(CloseCode.internalError, "internal error");
  };
  const connections = new Set<Connection>();
  const context = { options, connections };
  const door = {
    duties: { serve, fault, clock, log },
    connections,
    entry,
    onGone(connection: Connection, isLost: boolean) {
      const { registration } = connection;
      if (registration !== undefined) options.clients.detach(registration, connection, isLost);
    },
  };
  const places = new Places({
    most: maxClients,
    introduceMs: INTRODUCE_MS,
    descriptors: readDescriptorLimit(),
    clock,
  });
  const turns = { strangers: lanes.strangers, known: lanes.messages };
  const listen = (at: ListenAddress, certificate?: Certificate) => {
    const ownDoor = { ...door, isSecure: certificate !== undefined };
    const peers = { ...at, entry, readsForwardedFor: true, certificate, places, turns, clock, log };
    return listenForPeers("signaling", peers, (socket, setKnown, origin) => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      return new SignalingSession(socket, setKnown, ownDoor, origin);
    });
  };
  const plainListener = listen(addr);
  const secureListener = secure && listen(secure.addr, secure.certificate);
  const listeners = [plainListener, ...(secureListener ? [secureListener] : [])];
  const tick = clock.every(SWEEP_MS, () => sweep(context, clock.nowMs()));
  let stopped: Promise<void> | undefined;
  return {
    port: plainListener.port,
    securePort: secureListener?.port,
    get connectionCount() {
      return listeners.reduce((sum, listener) => sum + listener.connectionCount, 0);
    },
    stopListening() {
      for (const listener of listeners) listener.stopListening();
    },
    listenAgain() {
      for (const listener of listeners) listener.listenAgain();
    },
    expelStrangers: (count) => places.expelStrangers(count),
    [Symbol.asyncDispose]: () => {
      stopped ??= stop(context, listeners).finally(() => tick.cancel());
      return stopped;
    },
  };
}

/** Pings the quiet, drops the dead, and lets the registrations do what time asks of them. */
function sweep({ options, connections }: Context, nowMs: number): void {
  for (const connection of connections) {
    if (nowMs - connection.lastFrameMs >= options.deadMs) connection.terminate();
    else if (nowMs - connection.lastPingMs >= options.pingMs) connection.ping(nowMs);
  }
  options.clients.sweep(nowMs);
}

/** Whoever does not close by itself is cut off after a while. */
async function stop({ options, connections }: Context, listeners: readonly PeerListener[]): Promise<void> {
  const { calls, clients, clock } = options;
  for (const listener of listeners) listener.stopListening();
  calls.endAll();
  for (const connection of connections) connection.close(CloseCode.goingAway, "shutdown");
  const { promise: isLate, resolve } = Promise.withResolvers<void>();
  const patience = clock.after(GOODBYE_MS, resolve);
  await Promise.race([Promise.all(listeners.map((listener) => listener.whenEmpty())), isLate]);
  patience.cancel();
  await Promise.all(listeners.map((listener) => listener[Symbol.asyncDispose]()));
  clients.forgetAll();
}
