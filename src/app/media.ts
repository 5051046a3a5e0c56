import { StreamKeys } from "../calls/stream-keys.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/schema.ts";
import type { Logger } from "../log.ts";
import { Standstill } from "../media/standstill.ts";
import { StreamRegistry } from "../media/stream-registry.ts";
import { startFlvServer } from "../servers/flv/server.ts";
import { startRtmpServer } from "../servers/rtmp/server.ts";
import {
  INTRODUCE_MEDIA_MS,
  type MediaServer,
  type MediaServerOptions,
} from "../servers/streams/media-server.ts";
import { DeliveryWatch } from "../servers/tcp/delivery-watch.ts";
import { readDescriptorLimit } from "../servers/tcp/descriptor-limit.ts";
import { Places } from "../servers/tcp/places.ts";
import type { Lanes } from "../servers/tcp/turns.ts";
import type { Certificate } from "../servers/tls/certificate.ts";
import type { Entries } from "./entries.ts";

export type Media = AsyncDisposable & {
  readonly streams: StreamRegistry;
  readonly keys: StreamKeys;
  readonly rtmp: MediaServer;
  /** Undefined where `use_flv` switches it off. */
  readonly flv: MediaServer | undefined;
  /** Undefined where there is no certificate. */
  readonly rtmps: MediaServer | undefined;
  readonly httpsFlv: MediaServer | undefined;
};

/** The streams and the servers that they are pushed to and played from. Throws if one cannot listen. */
export async function startMedia(
  { media, settings, tls }: Config,
  certificate: Certificate | undefined,
  lanes: Lanes,
  entries: Entries,
  clock: Clock,
  log: Logger,
): Promise<Media> {
  await using stack = new AsyncDisposableStack();
  const standstill = stack.use(new Standstill(clock));
  const republishSeconds = media.republish_seconds;
  const streams = new StreamRegistry({ clock, log, republishSeconds, standstill });
  stack.defer(() => streams.closeAll());
  const keys = new StreamKeys({ open: media.open, clientUrls: media.client_urls });
  const places = new Places({
    most: media.max_connections,
    introduceMs: INTRODUCE_MEDIA_MS,
    descriptors: readDescriptorLimit(),
    clock,
  });
  const shared: Omit<MediaServerOptions, "host" | "port" | "entry"> = {
    streams,
    gate: keys,
    delivery: new DeliveryWatch({ clock, log, slowReaderMs: media.slow_reader_ms }),
    places,
    lanes,
    slowReaderMs: media.slow_reader_ms,
    maxPlayers: media.max_players,
    clock,
    log,
  };
  const rtmp = stack.use(startRtmpServer({ ...shared, ...media.rtmp_addr, entry: entries.rtmp }));
  const flvShared = { ...shared, entry: entries.flv };
  const flv = settings.use_flv ? stack.use(startFlvServer({ ...flvShared, ...settings.ip_port })) : undefined;
  const rtmps =
    certificate &&
    stack.use(startRtmpServer({ ...shared, ...tls.rtmps_addr, entry: entries.rtmp, certificate }));
  const httpsFlv =
    certificate && settings.use_flv
      ? stack.use(startFlvServer({ ...flvShared, ...tls.https_flv_addr, certificate }))
      : undefined;
  const running = stack.move();
  return { streams, keys, rtmp, flv, rtmps, httpsFlv, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
