import { isLoopbackHost } from "../../addresses.ts";
import type { Clock } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type Entry, findClient } from "../access/entry.ts";
import type { Certificate } from "../tls/certificate.ts";
import type { KeyPair } from "../tls/key-pair.ts";
import { listenRenewed } from "../tls/renewed-listener.ts";
import { createApi } from "./api.ts";
import type { CallDesk } from "./call-order.ts";
import type { ApiSources } from "./operation.ts";

/** A client that sends nothing for so long is dropped. */
const IDLE_TIMEOUT_SECONDS = 10;
/** More than the longest order of a call. */
const MAX_BODY_BYTES = 8192;

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
  readonly clock: Clock;
  readonly log: Logger;
};

export type HttpApi = AsyncDisposable & { readonly port: number };

/**
 * Serves /healthz, /api/… and /openapi.json, listening once it returns. Throws `http.needs-token` (config) for
 * an address that others can reach without one, `http.cannot-listen` (environment) when the port is taken.
 */
export function startHttpApi({ host, entry, certificate, token, log, ...parts }: HttpApiOptions): HttpApi {
  const isLocal = isLoopbackHost(host);
  if (!isLocal && token === undefined) throw new AppError("config", "http.needs-token", { host });
  const api = createApi({ ...parts, startedMs: parts.clock.nowMs() }, { token, isLocal }, log);
  const answer: Answer = (request, { address }) => {
    const client = findClient(address, request.headers.get("x-forwarded-for") ?? undefined, entry);
    return entry.admits(client)
      ? api.fetch(request)
      : new Response("This address may not connect.\n", { status: 403 });
  };
  const listener = listenRenewed(parts.port, certificate, (port, pair) => listen(host, port, pair, answer));
  return {
    port: listener.port,
    async [Symbol.asyncDispose]() {
      await listener.stop(true);
    },
  };
}

type Answer = (request: Request, peer: { readonly address: string }) => Response | Promise<Response>;

const NOWHERE = { address: "" };

function listen(host: string, port: number, pair: KeyPair | undefined, answer: Answer) {
  try {
    return Bun.serve({
      hostname: host,
      port,
      fetch: (request, server) => answer(request, server.requestIP(request) ?? NOWHERE),
      development: false,
      // Bun turns it on outside development, and then a second gateway would share the port in silence.
      reusePort: false,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      maxRequestBodySize: MAX_BODY_BYTES,
      ...(pair && { tls: pair }),
    });
  } catch (thrown) {
    throw new AppError("environment", "http.cannot-listen", { host, port, reason: messageOf(thrown) });
  }
}
