import { Hono, type Context as HonoContext } from "hono";
import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import { CloseCode } from "../../protocols/signaling/codes.ts";
import { Throttle } from "../../users/throttle.ts";
import type { Certificate } from "../tls/certificate.ts";
import { listenRenewed, type RenewedListener } from "../tls/renewed-listener.ts";
import { Connection, type ConnectionDuties } from "./connection.ts";
import { isOwnAddress, readClientAddress, readHost, toUrlHost } from "./host.ts";
import { createServe, type RequestServices } from "./requests.ts";

type ListenAddress = { readonly host: string; readonly port: number };

export type SignalingServerOptions = Omit<
  RequestServices,
  "userThrottle" | "addressThrottle" | "isOwnAddress"
> & {
  /** The addresses of this machine, unless told otherwise. */
  readonly isOwnAddress?: RequestServices["isOwnAddress"];
  readonly addr: ListenAddress;
  /** Undefined: plain only. */
  readonly secure?: { readonly addr: ListenAddress; readonly certificate: Certificate } | undefined;
  readonly pingMs: number;
  /** A client that sends no frame, not even a pong, for so long is disconnected. */
  readonly deadMs: number;
  readonly maxClients: number;
  /** Failures in a row, per user and per address, before a lock-out of `lockoutMs`. */
  readonly maxLoginFailures: number;
  readonly lockoutMs: number;
  readonly clock: Clock;
};

type Env = { Bindings: { server: Bun.Server<Connection>; isSecure: boolean } };

/** Above the protocol's 64 KiB, so that a frame beyond that can still be answered before the socket is closed. */
const MAX_FRAME_BYTES = 131_072;
/** A client that lets so much pile up is not reading. */
const MAX_OUTGOING_BYTES = 1_048_576;
const SWEEP_MS = 1_000;
const GOODBYE_MS = 500;

type Context = {
  readonly options: SignalingServerOptions;
  readonly duties: ConnectionDuties;
  readonly connections: Set<Connection>;
};

export type SignalingServer = AsyncDisposable & {
  readonly port: number;
  /** Undefined where it is plain only. */
  readonly securePort: number | undefined;
  /** Open sockets, registered or not. */
  readonly connectionCount: number;
};

/** Listens for clients on `/` and `/ws`. Stopping ends all calls and closes each socket with 1001. */
export function startSignalingServer(options: SignalingServerOptions): SignalingServer {
  const { addr, secure, clock } = options;
  const throttled = { maxFailures: options.maxLoginFailures, lockoutMs: options.lockoutMs, clock };
  const userThrottle = new Throttle(throttled);
  const addressThrottle = new Throttle(throttled);
  const serve = createServe({ isOwnAddress, ...options, userThrottle, addressThrottle });
  const fault = (connection: Connection, thrown: unknown) => {
    options.log.error("signaling.fault", { from: connection.from, error: messageOf(thrown) });
    connection.close(CloseCode.internalError, "internal error");
  };
  const context = { options, duties: { serve, fault }, connections: new Set<Connection>() };
  const app = createApp(context);
  const websocket = createHandlers(context);
  const listen = ({ host, port: wanted }: ListenAddress, certificate?: Certificate) =>
    listenRenewed(wanted, certificate, (port, pair) =>
      Bun.serve<Connection>({
        hostname: host,
        port,
        fetch: (request, server) => app.fetch(request, { server, isSecure: pair !== undefined }),
        websocket,
        ...(pair && { tls: pair }),
      }),
    );
  const plainListener = listen(addr);
  const secureListener = secure && listen(secure.addr, secure.certificate);
  const listeners = [plainListener, ...(secureListener ? [secureListener] : [])];
  const tick = clock.every(SWEEP_MS, () => sweep(context, clock.nowMs()));
  let stopped: Promise<void> | undefined;
  return {
    port: plainListener.port,
    securePort: secureListener?.port,
    get connectionCount() {
      return context.connections.size;
    },
    [Symbol.asyncDispose]: () => {
      stopped ??= stop(context, listeners).finally(() => tick.cancel());
      return stopped;
    },
  };
}

function createApp({ options, duties, connections }: Context): Hono<Env> {
  const { addr, clock, maxClients } = options;
  const upgrade = (request: HonoContext<Env>) => {
    if (request.req.header("upgrade")?.toLowerCase() !== "websocket") {
      return request.text("WebSocket only\n", 426);
    }
    if (connections.size >= maxClients) return request.text("too many clients\n", 503);
    const { server, isSecure } = request.env;
    const peer = server.requestIP(request.req.raw);
    const forwardedFor = request.req.header("x-forwarded-for");
    const address = readClientAddress(peer?.address ?? "unknown", forwardedFor);
    const from = `${toUrlHost(address)}:${peer?.port ?? 0}`;
    const host = readHost(request.req.header("host")) ?? toUrlHost(addr.host);
    const data = new Connection(address, from, host, isSecure, clock.nowMs(), duties);
    if (server.upgrade(request.req.raw, { data })) return new Response(null);
    return request.text("bad WebSocket handshake\n", 400);
  };
  return new Hono<Env>().get("/", upgrade).get("/ws", upgrade);
}

function createHandlers({ options, duties, connections }: Context): Bun.WebSocketHandler<Connection> {
  const { clock, clients } = options;
  const noteFrame = ({ data: connection }: { data: Connection }) => {
    connection.lastFrameMs = clock.nowMs();
  };
  return {
    maxPayloadLength: MAX_FRAME_BYTES,
    backpressureLimit: MAX_OUTGOING_BYTES,
    closeOnBackpressureLimit: true,
    perMessageDeflate: false,
    // Our own sweep pings and notices the dead: Bun's pings only as its time-out nears.
    idleTimeout: 0,
    sendPings: false,
    open(socket) {
      connections.add(socket.data);
      socket.data.open(socket);
    },
    message(socket, frame) {
      noteFrame(socket);
      try {
        socket.data.receive(frame);
      } catch (thrown) {
        duties.fault(socket.data, thrown);
      }
    },
    ping: noteFrame,
    pong: noteFrame,
    close({ data: connection }, code) {
      const { registration } = connection;
      connections.delete(connection);
      connection.forget();
      if (registration !== undefined) clients.detach(registration, connection, code === CloseCode.lost);
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

async function stop({ options, connections }: Context, listeners: readonly RenewedListener[]): Promise<void> {
  options.calls.endAll();
  const closed = Promise.all(listeners.map((listener) => listener.stop()));
  for (const connection of connections) connection.close(CloseCode.goingAway, "shutdown");
  const patience = options.clock.after(GOODBYE_MS, () => {
    for (const listener of listeners) void listener.stop(true);
  });
  await closed;
  patience.cancel();
  options.clients.forgetAll();
}
