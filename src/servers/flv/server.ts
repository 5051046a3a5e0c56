import { listenForMedia } from "../streams/media-listener.ts";
import type { MediaServer, MediaServerOptions } from "../streams/media-server.ts";
import { FlvSession } from "./session.ts";

/** HTTP-FLV and WebSocket-FLV, play and publish. Listens once it returns; disposing ends every connection. */
export function startFlvServer(options: MediaServerOptions): MediaServer {
  return listenForMedia(
    "flv",
    { ...options, readsForwardedFor: true },
    (attachment) => new FlvSession(attachment),
  );
}
