import { dirname, resolve } from "node:path";
import type { CallRegistry } from "../calls/call-registry.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/schema.ts";
import type { Logger } from "../log.ts";
import type { StreamRegistry } from "../media/stream-registry.ts";
import type { CallRecorder } from "../records/call-recorder.ts";
import type { Entry } from "../servers/access/entry.ts";
import { ClipFolder } from "../servers/http/clip-folder.ts";
import { OrderDesk } from "../servers/http/order-desk.ts";
import { listOwnHosts } from "../servers/http/own-hosts.ts";
import { type HttpApi, type HttpApiOptions, startHttpApi } from "../servers/http/server.ts";
import { viewCall, viewFreeswitch, viewRecords, viewStream, viewUser } from "../servers/http/view-of.ts";
import type { Registrations } from "../servers/signaling/registrations.ts";
import type { Lanes } from "../servers/tcp/turns.ts";
import type { Certificate } from "../servers/tls/certificate.ts";
import { VERSION } from "../version.ts";
import { findProblems } from "./health.ts";
import { maxCallsOf } from "./limits.ts";
import type { LoadGuard } from "./load-guard.ts";
import type { Telephone } from "./telephone.ts";
import type { Users } from "./users.ts";

/** What the API shows and what it gives orders to. */
export type ApiParts = {
  readonly entry: Entry;
  readonly load: LoadGuard;
  readonly calls: CallRegistry;
  readonly clients: Registrations;
  readonly streams: StreamRegistry;
  readonly telephone: Telephone;
  readonly users: Users;
  /** Undefined where none are written. */
  readonly recorder: CallRecorder | undefined;
};

export type Api = AsyncDisposable & {
  readonly plain: HttpApi;
  /** Undefined where there is no certificate. */
  readonly secure: HttpApi | undefined;
};

/** The HTTP API. Throws if it cannot listen. */
export async function startApi(
  config: Config,
  { entry, load, calls, clients, streams, telephone, users, recorder }: ApiParts,
  certificate: Certificate | undefined,
  lanes: Lanes,
  clock: Clock,
  log: Logger,
): Promise<Api> {
  await using stack = new AsyncDisposableStack();
  const options: Omit<HttpApiOptions, "host" | "port"> = {
    entry,
    token: config.api.token,
    desk: new OrderDesk(calls, openClips(config), () => listOwnHosts(config.media.rtmp_addr.host)),
    sources: {
      calls: () => calls.snapshot().map(viewCall),
      streams: () => streams.list().map((stream) => viewStream(stream, clock.nowMs())),
      users: () => clients.snapshot().map(viewUser),
      rtpPorts: () => telephone.voice.portCounts,
      problems: () => findProblems({ telephone, recorder, users, load }),
      load: () => ({
        refusesCalls: load.isOverloaded,
        loopLateMs: roundMs(load.lateMs.loop),
        voiceLateMs: roundMs(load.lateMs.voice),
      }),
      maxCalls: () => maxCallsOf(config),
      voiceThreads: () => telephone.voice.threadCount,
      freeswitch: () => telephone.freeswitch && viewFreeswitch(telephone.freeswitch.status),
      records: (query) => viewRecords(recorder?.list(query)),
    },
    version: VERSION,
    lanes,
    clock,
    log,
  };
  const plain = stack.use(startHttpApi({ ...options, ...config.api.addr }));
  const secure =
    certificate && stack.use(startHttpApi({ ...options, ...config.tls.https_api_addr, certificate }));
  const running = stack.move();
  return { plain, secure, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Clips that orders name lie beside `welcome_wav`; the vendor's module plays its own. */
function openClips({ server: { welcome_wav }, freeswitch }: Config): ClipFolder | undefined {
  if (freeswitch.driver !== "sip") return undefined;
  return new ClipFolder(welcome_wav && dirname(resolve(welcome_wav)));
}

/** Hundredths are enough; without a voice thread it comes never, which JSON cannot say. */
function roundMs(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms * 100) / 100 : 0;
}
