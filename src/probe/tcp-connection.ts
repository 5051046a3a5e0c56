import { AppError, errorCodeOf, messageOf } from "../errors.ts";
import type { Trust } from "./trust.ts";

export type TcpAddress = {
  readonly host: string;
  readonly port: number;
  /** Undefined: not encrypted. */
  readonly tls?: Trust | undefined;
};

export type TcpHandlers = {
  onBytes(bytes: Uint8Array): void;
  /** Once, whoever closed it; `error` is what a handler threw. */
  onClose(error: unknown): void;
};

/** What a client may have waiting before it counts as stuck: a minute of telephone sound is a tenth of this. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

/** A client's TCP connection that keeps what the kernel did not take, in order. Bun sets TCP_NODELAY by itself. */
export class TcpConnection {
  readonly #socket: Bun.Socket<unknown>;
  #pending: Uint8Array[] = [];
  #pendingByteCount = 0;
  #closed = false;

  constructor(socket: Bun.Socket<unknown>) {
    this.#socket = socket;
  }

  get pendingByteCount(): number {
    return this.#pendingByteCount;
  }

  get localPort(): number {
    return this.#socket.localPort;
  }

  /** `bytes` may be used again at once: what can't be sent now is copied. Throws `tcp.send-queue-full`. */
  write(bytes: Uint8Array): void {
    if (this.#closed) return;
    const taken = this.#pending.length === 0 ? Math.max(0, this.#socket.write(bytes)) : 0;
    if (taken === bytes.length) return;
    this.#pendingByteCount += bytes.length - taken;
    if (this.#pendingByteCount > MAX_PENDING_BYTES) {
      throw new AppError("peer", "tcp.send-queue-full", {
        have: this.#pendingByteCount,
        limit: MAX_PENDING_BYTES,
      });
    }
    this.#pending.push(bytes.slice(taken));
  }

  /** Stops reading: the kernel's buffers fill and the peer feels it. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends FIN after what was written. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.end();
  }

  markClosed(): void {
    this.#closed = true;
  }

  flush(): void {
    let first = this.#pending[0];
    while (first !== undefined) {
      const taken = Math.max(0, this.#socket.write(first));
      this.#pendingByteCount -= taken;
      if (taken < first.length) {
        this.#pending[0] = first.subarray(taken);
        return;
      }
      this.#pending.shift();
      first = this.#pending[0];
    }
  }
}

/**
 * Connects; throws AppError("environment", "tcp.connect-failed"), or "tcp.not-trusted" for a certificate that `tls` does not
 * allow. A handler that throws ends the connection.
 */
export async function connectTcp(address: TcpAddress, handlers: TcpHandlers): Promise<TcpConnection> {
  const { host, port, tls } = address;
  const secured = Promise.withResolvers<void>();
  secured.promise.catch(() => {});
  let connection: TcpConnection | undefined;
  let failure: unknown;
  const socket = await Bun.connect({
    hostname: host,
    port,
    ...(tls && { tls: { serverName: host, ...tls } }),
    socket: {
      handshake(_, isTrusted, error) {
        if (isTrusted) secured.resolve();
        else secured.reject(error);
      },
      data(source, bytes) {
        try {
          handlers.onBytes(bytes);
        } catch (thrown) {
          failure = thrown;
          source.terminate();
        }
      },
      drain: () => connection?.flush(),
      close() {
        connection?.markClosed();
        secured.reject(new Error("closed during the handshake"));
        handlers.onClose(failure);
      },
      connectError() {},
    },
  }).catch((cause: unknown) => {
    throw new AppError("environment", "tcp.connect-failed", { host, port }, { cause });
  });
  if (tls !== undefined) {
    await secured.promise.catch((cause: unknown) => {
      socket.terminate();
      const reason = errorCodeOf(cause) ?? messageOf(cause);
      throw new AppError("environment", "tcp.not-trusted", { host, port, reason }, { cause });
    });
  }
  connection = new TcpConnection(socket);
  return connection;
}
