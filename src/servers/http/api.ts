import { Hono } from "hono";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type Access, checkAccess } from "./access.ts";
import { isLoopbackHostHeader } from "./loopback.ts";
import { describeApi } from "./openapi.ts";
import { type ApiContext, type Operation, refuseAsJson } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

const DOCUMENT_PATH = "/openapi.json";
/** This page says nothing of anybody. Programs ask it that only want to know whether the machine lives. */
const PUBLIC_PATH = "/healthz";
const PATHS = [...new Set([...OPERATIONS.map(({ path }) => path), DOCUMENT_PATH])];

/** The API without its socket. */
export function createApi(context: ApiContext, access: Access, log: Logger): Hono {
  const api = new Hono({ getPath });
  api.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
    if (!access.isLocal || isLoopbackHostHeader(c.req.header("host"))) return await next();
    return refuseAsJson(
      c,
      403,
      "http.foreign-host",
      "Ask for this machine by its loopback address, such as 127.0.0.1.",
    );
  });
  const document = describeApi(OPERATIONS, context.version);
  addRoute(api, { ...DOCUMENT_ROUTE, answer: (_, c) => c.json(document) }, context, access);
  for (const operation of OPERATIONS) addRoute(api, operation, context, access);
  for (const path of PATHS) addOtherMethods(api, path);
  api.notFound((c) => {
    return refuseAsJson(c, 404, "http.not-found", `There are only these pages: ${PATHS.join(", ")}.`);
  });
  api.onError((thrown, c) => {
    log.error("http.bug", { path: c.req.path, error: messageOf(thrown) });
    return refuseAsJson(
      c,
      500,
      "http.bug",
      "This is a fault of the gateway: please report it with the log's http.bug line.",
    );
  });
  return api;
}

type Route = Pick<Operation, "method" | "path" | "refuse" | "answer">;

const DOCUMENT_ROUTE = { method: "get", path: DOCUMENT_PATH, refuse: refuseAsJson } as const;

function addRoute(api: Hono, { method, path, refuse, answer }: Route, context: ApiContext, access: Access) {
  api.on(method.toUpperCase(), toPattern(path), (c) => {
    const denial =
      path === PUBLIC_PATH ? undefined : checkAccess(access, c.req.header("authorization"), method !== "get");
    if (denial === undefined) return answer(context, c);
    // RFC 9110, section 11.6.1.
    if (denial.status === 401) c.header("WWW-Authenticate", "Bearer");
    return refuse(c, denial.status, denial.code, denial.message);
  });
}

function addOtherMethods(api: Hono, path: string): void {
  const methods = OPERATIONS.filter((operation) => operation.path === path).map(({ method }) => method);
  const names = (methods.length === 0 ? ["get"] : methods).flatMap((method) =>
    method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
  );
  const allowed = names.join(", ");
  api.all(toPattern(path), (c) => {
    c.header("Allow", allowed);
    return refuseAsJson(c, 405, "http.method-not-allowed", `This page takes only ${allowed}.`);
  });
}

function toPattern(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

/** An HTTP/1.0 client may leave Host out, as some health checks do; Bun's URL is then the path alone. */
function getPath({ url }: Request): string {
  return URL.parse(url, "http://localhost")?.pathname ?? "/";
}
