import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { isLoopbackHostHeader } from "./loopback.ts";
import { describeApi } from "./openapi.ts";
import { type ApiContext, OPERATIONS } from "./operations.ts";
import type { ErrorView } from "./views.ts";

const DOCUMENT_PATH = "/openapi.json";
const PATHS = [...OPERATIONS.map(({ path }) => path), DOCUMENT_PATH];

/** The API without its socket. Everything is read with GET or HEAD. */
export function createApi(context: ApiContext, log: Logger): Hono {
  const api = new Hono({ getPath });
  api.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
    if (isLoopbackHostHeader(c.req.header("host"))) return await next();
    return refuse(
      c,
      403,
      "http.foreign-host",
      "Ask for this machine by its loopback address, such as 127.0.0.1.",
    );
  });
  for (const { path, answer } of OPERATIONS) api.get(path, (c) => c.json(answer(context)));
  const document = describeApi(OPERATIONS, context.version);
  api.get(DOCUMENT_PATH, (c) => c.json(document));
  for (const path of PATHS) {
    api.all(path, (c) => {
      c.header("Allow", "GET, HEAD");
      return refuse(c, 405, "http.method-not-allowed", "This page can only be read: use GET.");
    });
  }
  api.notFound((c) => refuse(c, 404, "http.not-found", `There are only these pages: ${PATHS.join(", ")}.`));
  api.onError((thrown, c) => {
    log.error("http.bug", { path: c.req.path, error: messageOf(thrown) });
    return refuse(
      c,
      500,
      "http.bug",
      "This is a fault of the gateway: please report it with the log's http.bug line.",
    );
  });
  return api;
}

/** An HTTP/1.0 client may leave Host out, as some health checks do; Bun's URL is then the path alone. */
function getPath({ url }: Request): string {
  return URL.parse(url, "http://localhost")?.pathname ?? "/";
}

function refuse(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return c.json({ error: { code, message } } satisfies ErrorView, status);
}
