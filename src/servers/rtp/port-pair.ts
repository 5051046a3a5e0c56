import { AppError, errorCodeOf } from "../../errors.ts";
import type { PortPool } from "./port-pool.ts";

/** Gets what comes in; `bytes` belong to the receiver. */
export type OnDatagram = (bytes: Uint8Array, address: string, port: number) => void;

/** Two sockets, RTP on an even port and RTCP on the next. */
export interface PortPair extends Disposable {
  readonly rtpPort: number;
  /** Hands on what comes in from now on; what came before was dropped. */
  listen(listeners: { readonly onRtp: OnDatagram; readonly onRtcp: OnDatagram }): void;
  /** False when the system has no room: the packet is lost. Throws AppError for an address that is none. */
  sendRtp(bytes: Uint8Array, address: string, port: number): boolean;
  sendRtcp(bytes: Uint8Array, address: string, port: number): boolean;
}

/** So many ports are passed over, at most, because another program holds them. */
const MAX_ATTEMPTS = 20;

type Socket = Bun.udp.Socket<"uint8array">;

/** Undefined when no port can be had. */
export async function openPortPair(pool: PortPool, host: string): Promise<PortPair | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const port = pool.take();
    if (port === undefined) return undefined;
    const pair = await tryToOpen(pool, host, port);
    if (pair !== undefined) return pair;
  }
  return undefined;
}

/** A port that cannot be opened goes back to the pool, whatever is wrong with it. */
async function tryToOpen(pool: PortPool, host: string, port: number): Promise<PortPair | undefined> {
  let onRtp: OnDatagram = ignore;
  let onRtcp: OnDatagram = ignore;
  using undo = new DisposableStack();
  undo.defer(() => pool.give(port));
  const rtp = await openSocket(host, port, (bytes, address, from) => onRtp(bytes, address, from));
  if (rtp === undefined) return undefined;
  undo.defer(() => rtp.close());
  const rtcp = await openSocket(host, port + 1, (bytes, address, from) => onRtcp(bytes, address, from));
  if (rtcp === undefined) return undefined;
  undo.defer(() => rtcp.close());
  const opened = undo.move();
  return {
    rtpPort: port,
    listen(listeners) {
      ({ onRtp, onRtcp } = listeners);
    },
    sendRtp: (bytes, address, to) => send(rtp, bytes, address, to),
    sendRtcp: (bytes, address, to) => send(rtcp, bytes, address, to),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Undefined for a port that is taken. Throws what else is wrong, such as a host that is not ours. */
async function openSocket(host: string, port: number, onDatagram: OnDatagram): Promise<Socket | undefined> {
  try {
    return await Bun.udpSocket({
      hostname: host,
      port,
      binaryType: "uint8array",
      socket: {
        data(_, bytes, from, address, { truncated }) {
          if (!truncated) onDatagram(bytes, address, from);
        },
        // The peer's machine has nobody on that port, yet or any more; without a handler Bun prints it.
        error: ignore,
      },
    });
  } catch (thrown) {
    if (errorCodeOf(thrown) === "EADDRINUSE") return undefined;
    throw thrown;
  }
}

/** Bun takes addresses only, and throws for a name, a network that is down and a socket that is closed. */
function send(socket: Socket, bytes: Uint8Array, address: string, port: number): boolean {
  if (socket.closed) return false;
  try {
    return socket.send(bytes, port, address);
  } catch (thrown) {
    throw new AppError("environment", "rtp.cannot-send", { address, port }, { cause: thrown });
  }
}

function ignore(): void {}
