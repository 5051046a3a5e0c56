import type { Socket } from "bun";
import type { Timer } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Outbound } from "../tcp/outbound.ts";
import { tuneForLiveMedia } from "../tcp/socket-options.ts";
import {
  DEAD_PEER_MS,
  type MediaServer,
  type MediaServerOptions,
  PUBLISHER_SILENCE_SECONDS,
  SETUP_TIMEOUT_MS,
} from "./media-server.ts";

/** One connection's protocol. */
export interface MediaSession {
  readonly outbound: Outbound;
  /** It has said whether it publishes or plays. */
  readonly isSetUp: boolean;
  /** A publisher that falls silent is gone. */
  readonly isPublishing: boolean;
  /** Throws what ends the connection. */
  receive(bytes: Uint8Array): void;
  /** The connection is gone. */
  closed(): void;
}

export type MediaSocket = Socket<Connection | undefined>;

type Connection = { readonly session: MediaSession; readonly setUpDeadline: Timer };

/** Listens once it returns; `name` starts its log events. Disposing ends every connection. */
export function listenForMedia(
  name: string,
  options: MediaServerOptions,
  openSession: (socket: MediaSocket) => MediaSession,
): MediaServer {
  const { clock, connections, log } = options;
  const sockets = new Set<MediaSocket>();

  function open(socket: MediaSocket): void {
    if (!connections.take()) {
      log.warn(`${name}.too-many-connections`, { limit: connections.most });
      socket.terminate();
      return;
    }
    sockets.add(socket);
    socket.setNoDelay(true);
    tuneForLiveMedia(socket.fd, DEAD_PEER_MS);
    const session = openSession(socket);
    const setUpDeadline = clock.after(SETUP_TIMEOUT_MS, () => {
      if (!session.isSetUp) socket.terminate();
    });
    socket.data = { session, setUpDeadline };
  }

  /** The one catch of a session: what a peer did wrong is logged once and ends its connection alone. */
  function receive(socket: MediaSocket, bytes: Uint8Array): void {
    try {
      const session = socket.data?.session;
      session?.receive(bytes);
      // Bun counts from this call on: data does not start the time anew
      if (session?.isPublishing) socket.timeout(PUBLISHER_SILENCE_SECONDS);
    } catch (error) {
      const isPeers = error instanceof AppError && error.fault === "peer";
      log[isPeers ? "warn" : "error"](`${name}.failed`, {
        from: socket.remoteAddress,
        reason: messageOf(error),
      });
      socket.terminate();
    }
  }

  function close(socket: MediaSocket): void {
    if (sockets.delete(socket)) connections.give();
    socket.data?.setUpDeadline.cancel();
    socket.data?.session.closed();
  }

  const listener = Bun.listen<Connection | undefined>({
    hostname: options.host,
    port: options.port,
    socket: {
      open,
      data: receive,
      drain: (socket) => socket.data?.session.outbound.drain(),
      timeout(socket) {
        log.info(`${name}.silent`, { from: socket.remoteAddress });
        socket.terminate();
      },
      close,
      error: (socket, error) =>
        log.debug(`${name}.socket-error`, { from: socket.remoteAddress, reason: error.message }),
    },
  });
  return {
    port: listener.port,
    async [Symbol.asyncDispose]() {
      listener.stop();
      for (const socket of sockets) socket.end();
    },
  };
}
