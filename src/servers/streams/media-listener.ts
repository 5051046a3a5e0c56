import { listenForPeers } from "../tcp/peer-listener.ts";
import { tuneForLiveMedia } from "../tcp/socket-options.ts";
import { Attachment } from "./attachment.ts";
import {
  DEAD_PEER_MS,
  KEEP_ALIVE_MS,
  type MediaServer,
  type MediaServerOptions,
  PUBLISHER_SILENCE_SECONDS,
} from "./media-server.ts";

/** One connection's protocol. */
export interface MediaSession {
  /** Throws what ends the connection. */
  receive(bytes: Uint8Array): void;
  /** Stops whatever it publishes or plays; does nothing if that is nothing. */
  stop(): void;
}

/**
 * Listens once it returns; `name` is the protocol's, and starts its log events. Disposing ends every connection. A peer is
 * known while it publishes or plays.
 */
export function listenForMedia(
  name: string,
  options: MediaServerOptions & { readonly readsForwardedFor: boolean },
  openSession: (attachment: Attachment) => MediaSession,
): MediaServer {
  const { lanes } = options;
  const turns = { strangers: lanes.strangers, known: lanes.media };
  return listenForPeers(name, { ...options, turns }, (socket, setKnown, origin) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    tuneForLiveMedia(socket.fd, DEAD_PEER_MS);
    const attachment = new Attachment(name, socket, options, origin.address);
    const session = openSession(attachment);
    return {
      outbound: attachment.outbound,
      receive(bytes) {
        session.receive(bytes);
        setKnown(attachment.isAttached);
        // Bun counts from this call on: data does not start the time anew
        socket.timeout(attachment.publication !== undefined ? PUBLISHER_SILENCE_SECONDS : 0);
      },
      stop: () => session.stop(),
    };
  });
}
