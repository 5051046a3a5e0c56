import { isLoopbackHost } from "../../addresses.ts";
import type { Clock } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type Entry, findClient } from "../access/entry.ts";
import { readDescriptorLimit } from "../tcp/descriptor-limit.ts";
import type { Relievable } from "../tcp/descriptor-watch.ts";
import { listenForPeers } from "../tcp/peer-listener.ts";
import { Places } from "../tcp/places.ts";
import type { Lanes } from "../tcp/turns.ts";
import type { Certificate } from "../tls/certificate.ts";
import { createApi } from "./api.ts";
import type { CallDesk } from "./call-order.ts";
import type { ApiSources } from "./operation.ts";
import { HttpSession } from "./session.ts";

const MAX_CONNECTIONS = 200;
/** So long a client may take to send its request. */
const REQUEST_MS = 10_000;

export type HttpApiOptions = {
  /** Where others than this machine can reach it, there must be a token. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly entry: Entry;
  /** Undefined: not encrypted. */
  readonly certificate?: Certificate | undefined;
  readonly token: string | undefined;
  readonly sources: ApiSources;
  readonly desk: CallDesk;
  readonly version: string;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Logger;
};

export type HttpApi = AsyncDisposable & Relievable & { readonly port: number };

/**
 * Serves /healthz, /api/… and /openapi.json, listening once it returns. Throws `http.needs-token` (config) for
 * an address that others can reach without one, `http.cannot-listen` (environment) when the port is taken.
 */
export function startHttpApi({
  host,
  port,
  entry,
  certificate,
  token,
  lanes,
  log,
  ...parts
}: HttpApiOptions): HttpApi {
  const { clock } = parts;
  const isLocal = isLoopbackHost(host);
  if (!isLocal && token === undefined) throw new AppError("config", "http.needs-token", { host });
  const api = createApi({ ...parts, startedMs: clock.nowMs() }, { token, isLocal }, log);
  const answer = (request: Request, address: string) => {
    const client = findClient(address, request.headers.get("x-forwarded-for") ?? undefined, entry);
    return entry.admits(client)
      ? api.fetch(request)
      : new Response("This address may not connect.\n", { status: 403 });
  };
  const places = new Places({
    most: MAX_CONNECTIONS,
    introduceMs: REQUEST_MS,
    descriptors: readDescriptorLimit(),
    clock,
  });
  const turns = { strangers: lanes.strangers, known: lanes.messages };
  try {
    const peers = { host, port, entry, readsForwardedFor: true, certificate, places, turns, clock, log };
    return listenForPeers("http", peers, (socket, _, { address }) => {
      socket.setNoDelay(true);
      return new HttpSession(socket, clock, log, (request) => answer(request, address));
    });
  } catch (thrown) {
    throw new AppError("environment", "http.cannot-listen", { host, port, reason: messageOf(thrown) });
  }
}
