import type { Socket, SocketHandler } from "bun";
import type { Timer } from "../../clock.ts";
import { isPeerFault, messageOf } from "../../errors.ts";
import { FairIntake } from "../tcp/fair-intake.ts";
import { tuneForLiveMedia } from "../tcp/socket-options.ts";
import { listenRenewed } from "../tls/renewed-listener.ts";
import { Attachment } from "./attachment.ts";
import {
  DEAD_PEER_MS,
  KEEP_ALIVE_MS,
  type MediaServer,
  type MediaServerOptions,
  PUBLISHER_SILENCE_SECONDS,
  SETUP_TIMEOUT_MS,
} from "./media-server.ts";

/** One connection's protocol. */
export interface MediaSession {
  /** Throws what ends the connection. */
  receive(bytes: Uint8Array): void;
  /** Stops whatever it publishes or plays; does nothing if that is nothing. */
  stop(): void;
}

type MediaSocket = Socket<Connection | undefined>;

/** The deadline runs while the session neither publishes nor plays. */
type Connection = {
  readonly attachment: Attachment;
  readonly session: MediaSession;
  readonly intake: FairIntake;
  idleDeadline: Timer | undefined;
};

/** Listens once it returns; `name` is the protocol's, and starts its log events. Disposing ends every connection. */
export function listenForMedia(
  name: string,
  options: MediaServerOptions,
  openSession: (attachment: Attachment) => MediaSession,
): MediaServer {
  const connections = new MediaConnections(name, options, openSession);
  const socketHandlers: SocketHandler<Connection | undefined> = {
    open: (socket) => connections.open(socket),
    // Without it Bun tells of an encrypted connection only once it is one: nobody would count and limit it until then.
    handshake() {},
    data(socket, bytes) {
      if (socket.data?.intake.divides(bytes) === false) connections.receive(socket, bytes);
    },
    drain: (socket) => socket.data?.attachment.outbound.drain(),
    timeout(socket) {
      options.log.info(`${name}.silent`, { from: socket.remoteAddress });
      socket.terminate();
    },
    close: (socket) => connections.forget(socket),
    // Bun hands over what the other functions throw
    error: (socket, error) => connections.fail(socket, error),
  };
  const listener = listenRenewed(options.port, options.certificate, (port, pair) => {
    const tls = pair && { tls: pair };
    return Bun.listen<Connection | undefined>({
      hostname: options.host,
      port,
      socket: socketHandlers,
      ...tls,
    });
  });
  return {
    port: listener.port,
    async [Symbol.asyncDispose]() {
      await listener.stop();
      connections.endAll();
    },
  };
}

class MediaConnections {
  readonly #sockets = new Set<MediaSocket>();

  constructor(
    readonly name: string,
    readonly options: MediaServerOptions,
    readonly openSession: (attachment: Attachment) => MediaSession,
  ) {}

  open(socket: MediaSocket): void {
    const { connections, log } = this.options;
    if (!connections.take()) {
      log.warn(`${this.name}.too-many-connections`, { limit: connections.most });
      socket.terminate();
      return;
    }
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    tuneForLiveMedia(socket.fd, DEAD_PEER_MS);
    const intake = new FairIntake(socket, this.options.clock, (bytes) => this.receive(socket, bytes));
    const attachment = new Attachment(this.name, socket, this.options);
    const session = this.openSession(attachment);
    socket.data = { attachment, session, intake, idleDeadline: this.#limitIdleTime(socket) };
  }

  receive(socket: MediaSocket, bytes: Uint8Array): void {
    const connection = socket.data;
    if (connection === undefined || !connection.attachment.outbound.isOpen) return;
    const { attachment, session } = connection;
    try {
      session.receive(bytes);
    } catch (error) {
      this.fail(socket, error);
    }
    if (!this.#sockets.has(socket)) {
      // Bun closes at once, in the middle of `receive`: what the session began after that has no other end
      session.stop();
      return;
    }
    // Bun counts from this call on: data does not start the time anew
    socket.timeout(attachment.publication !== undefined ? PUBLISHER_SILENCE_SECONDS : 0);
    if (!attachment.isAttached) connection.idleDeadline ??= this.#limitIdleTime(socket);
    else if (connection.idleDeadline !== undefined) endIdleTime(connection);
  }

  /** The one place for what sessions throw: a peer's mistake, or a bug, is logged once and ends that connection alone. */
  fail(socket: MediaSocket, error: unknown): void {
    this.options.log[isPeerFault(error) ? "warn" : "error"](`${this.name}.failed`, {
      from: socket.remoteAddress,
      reason: messageOf(error),
    });
    socket.data?.session.stop();
    socket.data?.attachment.outbound.end();
  }

  /** The socket is closed; what it sent before that, and has not had its turn, is worked through first. */
  forget(socket: MediaSocket): void {
    const connection = socket.data;
    if (connection === undefined) this.#giveBack(socket);
    else connection.intake.finish(() => this.#end(socket, connection));
  }

  #end(socket: MediaSocket, connection: Connection): void {
    this.#giveBack(socket);
    endIdleTime(connection);
    connection.intake.close();
    connection.attachment.outbound.close();
    connection.session.stop();
  }

  #giveBack(socket: MediaSocket): void {
    if (this.#sockets.delete(socket)) this.options.connections.give();
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.end();
  }

  #limitIdleTime(socket: MediaSocket): Timer {
    return this.options.clock.after(SETUP_TIMEOUT_MS, () => socket.terminate());
  }
}

function endIdleTime(connection: Connection): void {
  connection.idleDeadline?.cancel();
  connection.idleDeadline = undefined;
}
