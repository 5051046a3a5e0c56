import type { Clock } from "./clock.ts";
import type { Config } from "./config/schema.ts";
import type { Logger } from "./log.ts";
import type { StreamGate } from "./media/gate.ts";
import type { Stream } from "./media/stream.ts";
import { StreamRegistry } from "./media/stream-registry.ts";
import { startFlvServer } from "./servers/flv/server.ts";
import { startHttpApi } from "./servers/http/server.ts";
import type { StreamView } from "./servers/http/views.ts";
import { ConnectionLimit, type MediaServerOptions } from "./servers/media/media-server.ts";
import { startRtmpServer } from "./servers/rtmp/server.ts";
import { DeliveryWatch } from "./servers/tcp/delivery-watch.ts";
import { VERSION } from "./version.ts";

/** `name` is what the log calls it; `addr` is `host:port` with the port it really has. */
export type Listening = { readonly name: string; readonly addr: string };

export type App = AsyncDisposable & { readonly listening: readonly Listening[] };

/** Starts everything, top-down; disposing stops it in reverse. Throws if something cannot listen. */
export async function startApp(config: Config, log: Logger, clock: Clock): Promise<App> {
  await using stack = new AsyncDisposableStack();
  const listening: Listening[] = [];

  const streams = new StreamRegistry({ clock, log, republishSeconds: config.media.republish_seconds });
  stack.defer(() => streams.closeAll());

  const gate: StreamGate = {
    authorize: () => (config.media.open ? { callId: undefined } : undefined),
  };

  const media: Omit<MediaServerOptions, "host" | "port"> = {
    streams,
    gate,
    delivery: new DeliveryWatch({ clock, log, slowReaderMs: config.media.slow_reader_ms }),
    connections: new ConnectionLimit(config.media.max_connections),
    slowReaderMs: config.media.slow_reader_ms,
    clock,
    log,
  };
  const rtmp = stack.use(startRtmpServer({ ...media, ...config.media.rtmp_addr }));
  note("rtmp", config.media.rtmp_addr.host, rtmp.port);
  if (config.settings.use_flv) {
    const flv = stack.use(startFlvServer({ ...media, ...config.settings.ip_port }));
    note("flv", config.settings.ip_port.host, flv.port);
  }

  const api = stack.use(
    startHttpApi({
      ...config.api.addr,
      sources: {
        calls: () => [],
        streams: () => streams.list().map((stream) => view(stream, clock)),
        users: () => [],
      },
      version: VERSION,
      clock,
      log,
    }),
  );
  note("api", config.api.addr.host, api.port);

  function note(name: string, host: string, port: number): void {
    const addr = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    listening.push({ name, addr });
    log.info("listen", { name, addr });
  }

  const running = stack.move();
  return { listening, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function view(stream: Stream, clock: Clock): StreamView {
  const nowMs = clock.nowMs();
  const { publisher, lastFrameAtMs } = stream;
  return {
    key: stream.key,
    audioCodec: stream.audioCodec,
    videoCodec: stream.videoCodec,
    publisher: publisher && { address: publisher.from, protocol: publisher.protocol },
    playerCount: stream.playerCount,
    bytesIn: stream.byteCount,
    bytesOut: stream.deliveredByteCount,
    droppedFrames: stream.droppedFrameCount,
    ageSeconds: (nowMs - stream.createdMs) / 1000,
    lastFrameAgeSeconds: lastFrameAtMs === undefined ? undefined : (nowMs - lastFrameAtMs) / 1000,
  };
}
