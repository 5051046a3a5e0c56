import { isLoopbackHost } from "../../addresses.ts";
import type { Clock } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type Entry, findClient } from "../access/entry.ts";
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
export function startHttpApi({ host, port, entry, token, log, ...parts }: HttpApiOptions): HttpApi {
  const isLocal = isLoopbackHost(host);
  if (!isLocal && token === undefined) throw new AppError("config", "http.needs-token", { host });
  const api = createApi({ ...parts, startedMs: parts.clock.nowMs() }, { token, isLocal }, log);
  const server = listen(host, port, (request, { address }) => {
    const client = findClient(address, request.headers.get("x-forwarded-for") ?? undefined, entry);
    return entry.admits(client)
      ? api.fetch(request)
      : new Response("This address may not connect.\n", { status: 403 });
  });
  return {
    port: server.port ?? port,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

type Answer = (request: Request, peer: { readonly address: string }) => Response | Promise<Response>;

const NOWHERE = { address: "" };

function listen(host: string, port: number, answer: Answer) {
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
    });
  } catch (thrown) {
    throw new AppError("environment", "http.cannot-listen", { host, port, reason: messageOf(thrown) });
  }
}
