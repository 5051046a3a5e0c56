import { TagType } from "../../src/media/body/tag-frame.ts";
import { playFlv } from "../../src/probe/flv-client.ts";
import { playRtmp } from "../../src/probe/rtmp-client.ts";
import type { TcpConnection } from "../../src/probe/tcp-connection.ts";
import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { monotonicNs } from "./clock.ts";
import { readSendTimeNs } from "./frames.ts";

export const PROTOCOLS = ["rtmp", "http-flv", "ws-flv"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Where a server lets a protocol be played. */
export type PlayTarget = { readonly protocol: Protocol; readonly port: number };

export type Player = Pick<TcpConnection, "pause" | "resume" | "close" | "localPort">;

/** Plays `key`; `onFrame` gets each marked frame's age on arrival. */
export async function openPlayer(
  { protocol, port }: PlayTarget,
  key: string,
  onFrame: (ageMs: number) => void,
  onClose: () => void = () => undefined,
): Promise<Player> {
  function onAudio(body: Uint8Array): void {
    const sentNs = readSendTimeNs(body);
    if (sentNs !== undefined) onFrame((monotonicNs() - sentNs) / 1e6);
  }
  if (protocol === "rtmp") {
    return await playRtmp(
      { host: "127.0.0.1", port, app: "live", name: key },
      { onMedia: ({ typeId, payload }) => typeId === MessageType.audio && onAudio(payload), onClose },
    );
  }
  const scheme = protocol === "http-flv" ? "http" : "ws";
  return await playFlv(`${scheme}://127.0.0.1:${port}/live/${key}.flv`, {
    onTag: ({ type, body }) => type === TagType.audio && onAudio(body),
    onClose,
  });
}
