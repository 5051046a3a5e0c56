import type { z } from "zod";
import { Code } from "./codes.ts";
import {
  type Echo,
  hasEvents,
  METHODS,
  type Method,
  negotiateVersion,
  PROTONAMES,
  type Protoname,
  type Request,
  type RequestData,
  type Response,
  type ResponseData,
} from "./message.ts";
import { isNestedDeeper } from "./nesting.ts";
import { echoSchema, REQUIRED_DATA, requestSchema, responseSchema } from "./schema.ts";

/** A frame that cannot be served: answer `code` and `msg` with whatever of the envelope could be read. */
export type Misfit = {
  readonly type: "misfit";
  readonly code: typeof Code.unparsable | typeof Code.unfit;
  readonly msg: string;
  readonly echo: Echo;
};

/** The protocol needs two levels; members that it does not know may have more. */
const MAX_DEPTH = 16;
const PROTONAME_RULE = "protoname: must be rtmp; a client without RTMP uses FLV over HTTP or WebSocket";
const NO_ECHO: Echo = { method: "", version: "1.0", sessionid: "", order: 0, protoname: "rtmp" };

/** The answer to a frame that was not even looked into: binary, or too long. */
export function refuseFrame(msg: string): Misfit {
  return { type: "misfit", code: Code.unparsable, msg, echo: NO_ECHO };
}

/**
 * Reads one text frame. `version` of the result is already min(the peer's, ours).
 * A broken response comes back as undefined: answering it would start a quarrel between two programs.
 */
export function decodeFrame(frame: string): Request | Response | Misfit | undefined {
  if (isNestedDeeper(frame, MAX_DEPTH)) return refuseFrame(`nested deeper than ${MAX_DEPTH} levels`);
  let raw: unknown;
  try {
    raw = JSON.parse(frame);
  } catch {
    return refuseFrame("not JSON");
  }
  if (!isRecord(raw)) return refuseFrame("not a JSON object");
  if (raw.type === "response") return decodeResponse(raw);
  if (typeof raw.type !== "string") {
    const isAbsent = raw.type === undefined || raw.type === null;
    return misfit(raw, Code.unparsable, isAbsent ? "type: required" : "type: must be a string");
  }
  if (raw.type !== "request") return misfit(raw, Code.unfit, "type: must be request or response");
  return decodeRequest(raw);
}

function decodeRequest(raw: Raw): Request | Misfit {
  const parsed = requestSchema.safeParse(raw);
  if (!parsed.success) return misfit(raw, Code.unparsable, explain(parsed.error));
  const { method, protoname, version, ...rest } = parsed.data;
  if (!isMethod(method)) return misfit(raw, Code.unfit, "method: unknown");
  if (!isProtoname(protoname)) return misfit(raw, Code.unfit, PROTONAME_RULE);
  const missing = REQUIRED_DATA[method].find((name) => isMissing(rest.data, name));
  if (missing !== undefined) return misfit(raw, Code.unparsable, `data.${missing}: required`);
  return { type: "request", method, protoname, version: negotiateVersion(version), ...rest };
}

function misfit(raw: Raw, code: Misfit["code"], msg: string): Misfit {
  return { type: "misfit", code, msg, echo: readEcho(raw) };
}

function decodeResponse(raw: Raw): Response | undefined {
  const parsed = responseSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  return { type: "response", ...parsed.data, version: negotiateVersion(parsed.data.version) };
}

/** A request with every member that the manual lists; `password` belongs to register alone. */
export function encodeRequest(request: Request): string {
  const { method, version, sessionid, order, appname, protoname, realm, data } = request;
  const { caller_number = "", callee_number = "", caller_url = "", callee_url = "", ...others } = data;
  const { caller_audio = "", caller_video = "", media_attribute = "sendrecv", ...extra } = others;
  const manual = { caller_number, callee_number, caller_url, callee_url, caller_audio, caller_video };
  const full = { ...manual, media_attribute, ...extra };
  return JSON.stringify({
    type: "request",
    method,
    version,
    sessionid,
    order,
    appname,
    protoname,
    realm,
    data: full,
  });
}

/** A response with every member that the manual lists; `cause` goes to 1.1 peers only. */
export function encodeResponse({ echo, data, appname = "fs" }: OutgoingResponse): string {
  const { method, version, sessionid, order, protoname } = echo;
  const { code, msg, callee_audio = "", callee_video = "", caller_url = "", callee_url = "" } = data;
  const { cause, token } = data;
  const manual = { code, msg, callee_audio, callee_video, caller_url, callee_url };
  const full = token === undefined ? manual : { ...manual, token };
  const withCause = cause !== undefined && hasEvents(version) ? { ...full, cause } : full;
  return JSON.stringify({
    type: "response",
    method,
    version,
    sessionid,
    order,
    appname,
    protoname,
    data: withCause,
  });
}

export type OutgoingResponse = { echo: Echo; data: ResponseData; appname?: string };

function readEcho(raw: Raw): Echo {
  const echo = echoSchema.parse(raw);
  return { ...echo, version: negotiateVersion(echo.version) };
}

function isMissing(data: RequestData, name: "caller_number" | "callee_number" | "password"): boolean {
  return name === "password" ? data.password === undefined : !data[name];
}

function explain(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "invalid" : `${issue.path.join(".")}: ${issue.message}`;
}

type Raw = { readonly type?: unknown };

function isRecord(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMethod(name: string): name is Method {
  return METHODS.some((method) => method === name);
}

function isProtoname(name: string): name is Protoname {
  return PROTONAMES.some((protoname) => protoname === name);
}
