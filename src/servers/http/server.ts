import type { Clock } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { createApi } from "./api.ts";
import { isLoopbackHost } from "./loopback.ts";
import type { ApiSources } from "./operations.ts";

/** A client that sends nothing for so long is dropped. */
const IDLE_TIMEOUT_SECONDS = 10;
/** No request has a body worth reading. */
const MAX_BODY_BYTES = 4096;

export type HttpApiOptions = {
  /** A loopback address: the API asks nobody for a password yet. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly sources: ApiSources;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
};

export type HttpApi = AsyncDisposable & { readonly port: number };

/**
 * Serves /healthz, /api/… and /openapi.json, listening once it returns. Throws `http.not-loopback` (config) for an
 * address that others can reach, `http.cannot-listen` (environment) when the port is taken.
 */
export function startHttpApi({ host, port, sources, version, clock, log }: HttpApiOptions): HttpApi {
  if (!isLoopbackHost(host)) {
    throw new AppError("config", "http.not-loopback", { host, allowed: "127.0.0.1 or ::1" });
  }
  const api = createApi({ sources, version, clock, startedMs: clock.nowMs() }, log);
  const server = listen(host, port, api.fetch);
  return {
    port: server.port ?? port,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

function listen(host: string, port: number, fetch: (request: Request) => Response | Promise<Response>) {
  try {
    return Bun.serve({
      hostname: host,
      port,
      fetch,
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
