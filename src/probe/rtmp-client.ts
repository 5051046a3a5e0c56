import type { AmfValue } from "../codecs/amf0/amf0.ts";
import { AppError } from "../errors.ts";
import { type Message, MessageType } from "../protocols/rtmp/message.ts";
import { RtmpConnection } from "./rtmp-connection.ts";
import type { TcpAddress, TcpConnection } from "./tcp-connection.ts";
import { PUBLIC_AUTHORITIES, type Trust } from "./trust.ts";

export type RtmpTarget = TcpAddress & {
  readonly app: string;
  /** The stream key, with `?token=…` when the server wants one. */
  readonly name: string;
};

export type RtmpPublisher = {
  /** `body` is an FLV tag body. */
  sendAudio(timestampMs: number, body: Uint8Array): void;
  sendVideo(timestampMs: number, body: Uint8Array): void;
  /** Chunks that the caller encoded on `streamId` with chunks of OUTGOING_CHUNK_SIZE; may be used again at once. */
  sendRaw(chunks: Uint8Array): void;
  readonly streamId: number;
  /** Bytes that the server has not taken yet. */
  readonly pendingByteCount: number;
  /** Unpublishes and closes. */
  close(): void;
};

/** A player is its connection: to pause, resume and close. */
export type RtmpPlayer = Pick<TcpConnection, "pause" | "resume" | "close" | "localPort">;

const AUDIO_CHUNK_STREAM = 4;
const VIDEO_CHUNK_STREAM = 6;
/** Codec masks that Flash Player 10 announced: everything. */
const ALL_AUDIO_CODECS = 0x0fff;
const ALL_VIDEO_CODECS = 0x00ff;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "rtmp:": 1935, "rtmps:": 443 };

/** Reads `rtmp://host[:port]/app/name[?query]`, or the same with `rtmps`; the query stays with the name. */
export function parseRtmpUrl(url: string, trust: Trust = PUBLIC_AUTHORITIES): RtmpTarget {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const [app, name, ...more] = pathname.slice(1).split("/");
  const defaultPort = DEFAULT_PORTS[protocol];
  if (defaultPort === undefined || app === undefined || name === undefined || more.length > 0) {
    throw new AppError("config", "rtmp-client.bad-url", { url: `${protocol}//${hostname}${pathname}` });
  }
  const tls = protocol === "rtmps:" ? trust : undefined;
  return { host: hostname, port: port === "" ? defaultPort : Number(port), tls, app, name: name + search };
}

/** Publishes once the server has said NetStream.Publish.Start; `onClose` is called once, whoever closed. */
export async function publishRtmp(
  target: RtmpTarget,
  onClose: (error: unknown) => void = () => undefined,
): Promise<RtmpPublisher> {
  const connection = await RtmpConnection.open(target, { onMedia: () => undefined, onClose });
  const streamId = await closeOnFailure(connection, async () => {
    await connect(connection, target, { type: "nonprivate" });
    connection.notify("releaseStream", null, target.name);
    connection.notify("FCPublish", null, target.name);
    const id = await createStream(connection);
    await connection.start(id, "publish", null, target.name, "live");
    return id;
  });
  function send(chunkStreamId: number, typeId: number, timestampMs: number, payload: Uint8Array): void {
    connection.send({ chunkStreamId, typeId, streamId, timestampMs, payload });
  }
  return {
    streamId,
    sendAudio: (timestampMs, body) => send(AUDIO_CHUNK_STREAM, MessageType.audio, timestampMs, body),
    sendVideo: (timestampMs, body) => send(VIDEO_CHUNK_STREAM, MessageType.video, timestampMs, body),
    sendRaw: (chunks) => connection.tcp.write(chunks),
    get pendingByteCount() {
      return connection.tcp.pendingByteCount;
    },
    close() {
      connection.notify("FCUnpublish", null, target.name);
      connection.notify("deleteStream", null, streamId);
      connection.close();
    },
  };
}

/** Plays once the server has answered `play`; media that comes before that answer is handed over too. */
export async function playRtmp(
  target: RtmpTarget,
  handlers: { onMedia(message: Message): void; onClose?(error: unknown): void },
): Promise<RtmpPlayer> {
  const { onMedia, onClose = () => undefined } = handlers;
  const connection = await RtmpConnection.open(target, { onMedia, onClose });
  await closeOnFailure(connection, async () => {
    await connect(connection, target, {
      fpad: false,
      capabilities: 15,
      audioCodecs: ALL_AUDIO_CODECS,
      videoCodecs: ALL_VIDEO_CODECS,
      videoFunction: 1,
    });
    const streamId = await createStream(connection);
    await connection.start(streamId, "play", null, target.name);
  });
  return connection.tcp;
}

async function closeOnFailure<T>(connection: RtmpConnection, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

async function connect(
  connection: RtmpConnection,
  { host, port, tls, app }: RtmpTarget,
  properties: { [name: string]: AmfValue },
): Promise<void> {
  const tcUrl = `${tls ? "rtmps" : "rtmp"}://${host}:${port}/${app}`;
  await connection.call("connect", { app, flashVer: "FMLE/3.0 (compatible; nway-wx)", tcUrl, ...properties });
}

async function createStream(connection: RtmpConnection): Promise<number> {
  const [, streamId] = await connection.call("createStream", null);
  if (typeof streamId === "number") return streamId;
  throw new AppError("peer", "rtmp-client.bad-stream-id", { have: typeof streamId });
}
