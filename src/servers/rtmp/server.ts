import { listenForMedia } from "../streams/media-listener.ts";
import type { MediaServer, MediaServerOptions } from "../streams/media-server.ts";
import { RtmpSession } from "./session.ts";

/** RTMP, publish and play. Listens once it returns; disposing ends every connection. */
export function startRtmpServer(options: MediaServerOptions): MediaServer {
  return listenForMedia(
    "rtmp",
    { ...options, readsForwardedFor: false },
    (attachment) => new RtmpSession(attachment),
  );
}
