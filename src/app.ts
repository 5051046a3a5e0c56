import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createEntries } from "./app/entries.ts";
import { type Media, startMedia } from "./app/media.ts";
import { startRecords } from "./app/records.ts";
import { openSpending } from "./app/spending.ts";
import { startTelephone, type Telephone } from "./app/telephone.ts";
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
import type { CallRecorder } from "./records/call-recorder.ts";
import { ClipFolder } from "./servers/http/clip-folder.ts";
import { OrderDesk } from "./servers/http/order-desk.ts";
import { listOwnHosts } from "./servers/http/own-hosts.ts";
import { type HttpApiOptions, startHttpApi } from "./servers/http/server.ts";
import { viewCall, viewFreeswitch, viewRecords, viewStream, viewUser } from "./servers/http/view-of.ts";
import { Registrations } from "./servers/signaling/registrations.ts";
import { startSignalingServer } from "./servers/signaling/server.ts";
import { openLanes } from "./servers/tcp/turns.ts";
import type { NamedSecrets } from "./users/ini-directory.ts";
import { VERSION } from "./version.ts";

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
  const { settings } = config;
  const entries = createEntries(config);

  const lanes = openLanes(clock);
  const { streams, keys, rtmp, flv } = stack.use(await startMedia(config, lanes, entries, clock, log));
  note("rtmp", config.media.rtmp_addr, rtmp.port);
  if (flv !== undefined) note("flv", settings.ip_port, flv.port);

  const telephone = stack.use(await startTelephone(config, clock, log));
  note("sip", config.sip.addr, telephone.sip.port);

  const recorder = await startRecords(config, clock, log);
  if (recorder !== undefined) stack.use(recorder);

  const clients = new Registrations({ resumeMs: config.calls.resume_seconds * 1000, clock, log });
  const urls = makeStreamUrls(config, () => rtmp.port);
  const calls = new CallRegistry({
    ...callOptions(config, welcomeClip),
    spending: await openSpending(config, recorder, clock, log),
    clients,
    book: recorder,
    telephony: telephone.telephony,
    media: new EmbeddedCallMedia({ streams, clock, log }),
    keys,
    urls,
    clock,
    log,
  });
  const { directory, login } = stack.use(openUsers(config, readUsers, clock, log));
  const reaches = (number: string) => reachesLocally(number, { ...config, clients });
  stack.use(telephone.exchange.takeCalls(createReception({ calls, reaches, directory, log })));
  const signaling = stack.use(
    startSignalingServer({
      ...signalingOptions(config),
      entry: entries.signaling,
      login,
      directory,
      reaches,
      clients,
      calls,
      lanes,
      clock,
      log,
    }),
  );
  note("signaling", config.server.addr, signaling.port);

  const parts = { entry: entries.api, streams, clients, calls, telephone, recorder, clock, log };
  const api = stack.use(startHttpApi(apiOptions(config, parts)));
  note("api", config.api.addr, api.port);

  function note(name: string, { host }: Address, port: number): void {
    const addr = formatAddress({ host, port });
    listening.push({ name, addr });
    log.info("listen", { name, addr });
  }

  const running = stack.move();
  return { listening, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

type ApiParts = Pick<Media, "streams"> &
  Pick<HttpApiOptions, "entry" | "clock" | "log"> & {
    readonly clients: Registrations;
    readonly calls: CallRegistry;
    readonly telephone: Telephone;
    readonly recorder: CallRecorder | undefined;
  };

function apiOptions(config: Config, parts: ApiParts): HttpApiOptions {
  const { entry, streams, clients, calls, telephone, recorder, clock, log } = parts;
  const { addr, token } = config.api;
  return {
    ...addr,
    entry,
    token,
    desk: new OrderDesk(calls, openClips(config), () => listOwnHosts(config.media.rtmp_addr.host)),
    sources: {
      calls: () => calls.snapshot().map(viewCall),
      streams: () => streams.list().map((stream) => viewStream(stream, clock.nowMs())),
      users: () => clients.snapshot().map(viewUser),
      rtpPorts: () => telephone.rtp.portCounts,
      freeswitch: () => telephone.freeswitch && viewFreeswitch(telephone.freeswitch.status),
      records: (query) => viewRecords(recorder?.list(query)),
    },
    version: VERSION,
    clock,
    log,
  };
}

/** Clips that orders name lie beside `welcome_wav`; the vendor's module plays its own. */
function openClips({ server: { welcome_wav }, freeswitch }: Config): ClipFolder | undefined {
  if (freeswitch.driver !== "sip") return undefined;
  return new ClipFolder(welcome_wav && dirname(resolve(welcome_wav)));
}

function makeStreamUrls({ server, settings }: Config, rtmpPort: () => number): StreamUrls {
  const { base_push_url: pushBase = "", base_pull_url: pullBase = "" } = settings.push_to_other ? server : {};
  return new StreamUrls({ pushBase, pullBase, rtmpPort });
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
    limits: { maxCalls: calls.max_calls, maxCallsPerUser: calls.max_calls_per_user },
    times: {
      ringMs: calls.ring_seconds * 1000,
      media: { lostMs: calls.media_lost_seconds * 1000, timeoutMs: calls.media_timeout_seconds * 1000 },
    },
  };
}

function signalingOptions({ server, signaling }: Config) {
  return {
    addr: server.addr,
    pingMs: signaling.ping_seconds * 1000,
    deadMs: signaling.dead_seconds * 1000,
    maxClients: signaling.max_clients,
    maxLoginFailures: signaling.login_failures,
    lockoutMs: signaling.lockout_seconds * 1000,
  };
}
