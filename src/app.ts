import { readFileSync } from "node:fs";
import { CallRegistry } from "./calls/call-registry.ts";
import { createCallSounds } from "./calls/call-sounds.ts";
import { StreamKeys } from "./calls/stream-keys.ts";
import { StreamUrls } from "./calls/stream-urls.ts";
import type { Clock } from "./clock.ts";
import { type Address, formatAddress } from "./config/kinds.ts";
import type { Config } from "./config/schema.ts";
import type { Logger } from "./log.ts";
import { BUILT_IN_CLIP_PATH } from "./media/audio/clips/built-in-clip.ts";
import { decodeClip } from "./media/audio/clips/clip.ts";
import { StreamRegistry } from "./media/stream-registry.ts";
import { startFlvServer } from "./servers/flv/server.ts";
import { startHttpApi } from "./servers/http/server.ts";
import { viewCall, viewStream, viewUser } from "./servers/http/view-of.ts";
import { EmbeddedCallMedia } from "./servers/media/call-media.ts";
import { ConnectionLimit, type MediaServerOptions } from "./servers/media/media-server.ts";
import { startRtmpServer } from "./servers/rtmp/server.ts";
import { Registrations } from "./servers/signaling/registrations.ts";
import { startSignalingServer } from "./servers/signaling/server.ts";
import { DeliveryWatch } from "./servers/tcp/delivery-watch.ts";
import { createIniDirectory } from "./users/ini.ts";
import { VERSION } from "./version.ts";

/** `name` is what the log calls it; `addr` is `host:port` with the port it really has. */
export type Listening = { readonly name: string; readonly addr: string };

export type App = AsyncDisposable & { readonly listening: readonly Listening[] };

/**
 * Starts everything, top-down; disposing stops it in reverse. Throws if something cannot listen.
 * @param welcomeClip what `[server] welcome_wav` names, as playlists take it
 */
export async function startApp(
  config: Config,
  log: Logger,
  clock: Clock,
  welcomeClip?: Float32Array,
): Promise<App> {
  await using stack = new AsyncDisposableStack();
  const listening: Listening[] = [];
  const { media, settings } = config;

  const streams = new StreamRegistry({ clock, log, republishSeconds: media.republish_seconds });
  stack.defer(() => streams.closeAll());
  const keys = new StreamKeys({ open: media.open, clientUrls: media.client_urls });

  const mediaServer: Omit<MediaServerOptions, "host" | "port"> = {
    streams,
    gate: keys,
    delivery: new DeliveryWatch({ clock, log, slowReaderMs: media.slow_reader_ms }),
    connections: new ConnectionLimit(media.max_connections),
    slowReaderMs: media.slow_reader_ms,
    clock,
    log,
  };
  const rtmp = stack.use(startRtmpServer({ ...mediaServer, ...media.rtmp_addr }));
  note("rtmp", media.rtmp_addr, rtmp.port);
  if (settings.use_flv) {
    const flv = stack.use(startFlvServer({ ...mediaServer, ...settings.ip_port }));
    note("flv", settings.ip_port, flv.port);
  }

  const clients = new Registrations({ resumeMs: config.calls.resume_seconds * 1000, clock, log });
  const urls = new StreamUrls({
    pushBase: settings.push_to_other ? (config.server.base_push_url ?? "") : "",
    pullBase: settings.push_to_other ? (config.server.base_pull_url ?? "") : "",
    rtmpPort: () => rtmp.port,
  });
  const calls = new CallRegistry({
    ...callOptions(config, welcomeClip),
    clients,
    media: new EmbeddedCallMedia({ streams, clock, log }),
    keys,
    urls,
    clock,
    log,
  });
  const signaling = stack.use(
    startSignalingServer({ ...signalingOptions(config), clients, calls, clock, log }),
  );
  note("signaling", config.server.addr, signaling.port);

  const api = stack.use(
    startHttpApi({
      ...config.api.addr,
      sources: {
        calls: () => calls.snapshot().map(viewCall),
        streams: () => streams.list().map((stream) => viewStream(stream, clock.nowMs())),
        users: () => clients.snapshot().map(viewUser),
      },
      version: VERSION,
      clock,
      log,
    }),
  );
  note("api", config.api.addr, api.port);

  function note(name: string, { host }: Address, port: number): void {
    const addr = formatAddress({ host, port });
    listening.push({ name, addr });
    log.info("listen", { name, addr });
  }

  const running = stack.move();
  return { listening, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function callOptions({ calls, extensions, settings, media }: Config, welcomeClip?: Float32Array) {
  const builtInClip = decodeClip(readFileSync(BUILT_IN_CLIP_PATH));
  return {
    extensions,
    sounds: createCallSounds(media.tones, welcomeClip, builtInClip),
    defaultAppname: settings.program_name,
    codecs: { audio: settings.audio_codec, video: settings.use_video ? settings.video_codec : undefined },
    limits: { maxCalls: calls.max_calls, maxCallsPerUser: calls.max_calls_per_user },
    times: {
      ringMs: calls.ring_seconds * 1000,
      media: { lostMs: calls.media_lost_seconds * 1000, timeoutMs: calls.media_timeout_seconds * 1000 },
    },
  };
}

function signalingOptions({ server, signaling, users }: Config) {
  return {
    addr: server.addr,
    directory: createIniDirectory(users),
    pingMs: signaling.ping_seconds * 1000,
    deadMs: signaling.dead_seconds * 1000,
    maxClients: signaling.max_clients,
    maxLoginFailures: signaling.login_failures,
    lockoutMs: signaling.lockout_seconds * 1000,
  };
}
