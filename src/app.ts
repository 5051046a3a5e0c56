import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { startApi } from "./app/api.ts";
import { createEntries } from "./app/entries.ts";
import { maxCallsOf } from "./app/limits.ts";
import { LoadGuard } from "./app/load-guard.ts";
import { type Media, startMedia } from "./app/media.ts";
import { startRecords } from "./app/records.ts";
import { openSpending } from "./app/spending.ts";
import { startTelephone } from "./app/telephone.ts";
import { openUsers } from "./app/users.ts";
import { CallRegistry } from "./calls/call-registry.ts";
import { createCallSounds } from "./calls/call-sounds.ts";
import { createReception } from "./calls/reception.ts";
import { reachesLocally } from "./calls/routing.ts";
import { StreamUrls } from "./calls/stream-urls.ts";
import type { Clock } from "./clock.ts";
import { type Address, formatAddress } from "./config/kinds.ts";
import type { Config } from "./config/schema.ts";
import { chooseWay } from "./freeswitch/calls-out.ts";
import type { Logger } from "./log.ts";
import { BUILT_IN_CLIP_PATH } from "./media/audio/clips/built-in-clip.ts";
import { decodeClip } from "./media/audio/clips/clip.ts";
import { EmbeddedCallMedia } from "./media/sound/call-media.ts";
import { Registrations } from "./servers/signaling/registrations.ts";
import { startSignalingServer } from "./servers/signaling/server.ts";
import { watchDescriptors } from "./servers/tcp/descriptor-watch.ts";
import { openLanes } from "./servers/tcp/turns.ts";
import { Certificate } from "./servers/tls/certificate.ts";
import type { NamedSecrets } from "./users/ini-directory.ts";

/** `name` is what the log calls it; `addr` is `host:port` with the port it really has. */
export type Listening = { readonly name: string; readonly addr: string };

export type App = AsyncDisposable & { readonly listening: readonly Listening[] };

export type AppParts = {
  /** What `[server] welcome_wav` names, as playlists take it. */
  readonly welcomeClip?: Float32Array | undefined;
  /** Those of the settings file as it is now. */
  readonly readUsers?: () => NamedSecrets;
};

/** Starts everything, top-down; disposing stops it in reverse. Throws if something cannot listen. */
export async function startApp(
  config: Config,
  log: Logger,
  clock: Clock,
  { welcomeClip, readUsers = () => config.users }: AppParts = {},
): Promise<App> {
  await using stack = new AsyncDisposableStack();
  const listening: Listening[] = [];
  const { settings, tls } = config;
  const entries = createEntries(config);

  const lanes = openLanes(clock);
  const certificate = stack.use(openCertificate(config, clock, log));
  const media = stack.use(await startMedia(config, certificate, lanes, entries, clock, log));
  const { streams, keys, rtmp, flv, rtmps, httpsFlv } = media;
  note("rtmp", config.media.rtmp_addr, rtmp.port);
  note("flv", settings.ip_port, flv?.port);
  note("rtmps", tls.rtmps_addr, rtmps?.port);
  note("https-flv", tls.https_flv_addr, httpsFlv?.port);

  const telephone = stack.use(await startTelephone(config, startVoiceWorker, clock, log));
  note("sip", config.sip.addr, telephone.sip.port);

  const recorder = stack.use(await startRecords(config, clock, log));

  const { voice } = telephone;
  const load = stack.use(new LoadGuard({ voiceLateMs: () => voice.lateMs, cpuMs: readCpuMs, clock, log }));
  const clients = new Registrations({ resumeMs: config.calls.resume_seconds * 1000, clock, log });
  const urls = makeStreamUrls(config, media);
  const calls = new CallRegistry({
    ...callOptions(config, welcomeClip),
    ...{ clients, book: recorder, telephony: telephone.telephony, keys, urls, clock, log },
    spending: await openSpending(config, recorder, clock, log),
    media: new EmbeddedCallMedia({ streams, clock, log }),
    isOverloaded: () => load.isOverloaded,
  });
  const users = stack.use(openUsers(config, readUsers, clock, log));
  const { directory, login } = users;
  const reaches = (number: string) => reachesLocally(number, { ...config, clients });
  stack.use(telephone.exchange.takeCalls(createReception({ calls, reaches, directory, log })));
  const signaling = stack.use(
    startSignalingServer({
      ...signalingOptions(config, certificate),
      entry: entries.signaling,
      ...{ login, directory, reaches, clients, calls, lanes, clock, log },
    }),
  );
  note("signaling", config.server.addr, signaling.port);
  note("wss", tls.wss_addr, signaling.securePort);

  const parts = { entry: entries.api, load, calls, clients, streams, telephone, users, recorder };
  const api = stack.use(await startApi(config, parts, certificate, lanes, clock, log));
  note("api", config.api.addr, api.plain.port);
  note("https-api", tls.https_api_addr, api.secure?.port);
  const servers = [rtmp, flv, rtmps, httpsFlv, signaling, api.plain, api.secure];
  stack.use(watchDescriptors(servers, clock, log));

  /** `port` is undefined where it is switched off. */
  function note(name: string, { host }: Address, port: number | undefined): void {
    if (port === undefined) return;
    const addr = formatAddress({ host, port });
    listening.push({ name, addr });
    log.info("listen", { name, addr });
  }

  const running = stack.move();
  return { listening, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** The compiled executable has this file beside its own, under the same name as the sources. */
function startVoiceWorker(): Worker {
  return new Worker(new URL("./voice/worker.ts", import.meta.url).href);
}

function readCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Undefined where `[tls]` names none. */
function openCertificate({ tls: { cert, key } }: Config, clock: Clock, log: Logger): Certificate | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return new Certificate({ cert: resolve(cert), key: resolve(key), clock, log });
}

function makeStreamUrls({ server, settings, tls }: Config, { rtmp, rtmps }: Media): StreamUrls {
  const { base_push_url: pushBase = "", base_pull_url: pullBase = "" } = settings.push_to_other ? server : {};
  const secure = rtmps && {
    rtmpsPort: () => rtmps.port,
    choice: tls.stream_urls,
    defaultAppname: settings.program_name,
  };
  return new StreamUrls({ pushBase, pullBase, rtmpPort: () => rtmp.port, ...(secure && { secure }) });
}

function callOptions(config: Config, welcomeClip?: Float32Array) {
  const { server, calls, extensions, settings, media, dialing } = config;
  const builtInClip = decodeClip(readFileSync(BUILT_IN_CLIP_PATH));
  return {
    extensions,
    numberRules: dialing,
    usualWay: chooseWay(server.use_callout, server.callout_gateway),
    sounds: createCallSounds(media.tones, welcomeClip, builtInClip),
    defaultAppname: settings.program_name,
    codecs: { audio: settings.audio_codec, video: settings.use_video ? settings.video_codec : undefined },
    limits: { maxCalls: maxCallsOf(config), maxCallsPerUser: calls.max_calls_per_user },
    times: {
      ringMs: calls.ring_seconds * 1000,
      media: { lostMs: calls.media_lost_seconds * 1000, timeoutMs: calls.media_timeout_seconds * 1000 },
    },
  };
}

function signalingOptions({ server, signaling, tls }: Config, certificate: Certificate | undefined) {
  return {
    addr: server.addr,
    secure: certificate && { addr: tls.wss_addr, certificate },
    pingMs: signaling.ping_seconds * 1000,
    deadMs: signaling.dead_seconds * 1000,
    maxClients: signaling.max_clients,
    maxLoginFailures: signaling.login_failures,
    lockoutMs: signaling.lockout_seconds * 1000,
  };
}
