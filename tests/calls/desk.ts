import { CallRegistry, type CallRegistryOptions } from "../../src/calls/call-registry.ts";
import { createCallSounds } from "../../src/calls/call-sounds.ts";
import { StreamKeys } from "../../src/calls/stream-keys.ts";
import { StreamUrls } from "../../src/calls/stream-urls.ts";
import { createLogger } from "../../src/log.ts";
import type { Method, Request, RequestData } from "../../src/protocols/signaling/message.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { type FakeClient, FakeClients } from "./fake-clients.ts";
import { FakeMedia } from "./fake-media.ts";
import { type Limits, openSpending } from "./spending/open-spending.ts";

export type DeskOptions = Partial<
  Pick<
    CallRegistryOptions,
    "book" | "codecs" | "isOverloaded" | "limits" | "sounds" | "telephony" | "numberRules"
  >
> & {
  pushBase?: string;
  pullBase?: string;
  clientUrls?: boolean;
  spend?: Limits;
};

/** A call registry on made-up clients, media and time. */
export function openDesk({
  pushBase = "",
  pullBase = pushBase,
  clientUrls = true,
  spend = {},
  ...options
}: DeskOptions = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line), clock });
  const clients = new FakeClients();
  const media = new FakeMedia();
  const keys = new StreamKeys({ open: false, clientUrls });
  const calls = new CallRegistry({
    clients,
    media,
    keys,
    urls: new StreamUrls({ pushBase, pullBase, rtmpPort: () => 1935 }),
    extensions: { echo: "9196", tone: "9197", welcome: "9198" },
    telephony: undefined,
    numberRules: { rewrite: [], allow: [], deny: [], emergency: false },
    usualWay: "dialplan",
    spending: openSpending(spend, clock, log),
    defaultAppname: "wechat",
    sounds: createCallSounds("cn", undefined, new Float32Array(16_000)),
    codecs: { audio: "AAC", video: undefined },
    isOverloaded: () => false,
    limits: { maxCalls: 10, maxCallsPerUser: 1 },
    times: { ringMs: 60_000, media: { lostMs: 10_000, timeoutMs: 30_000 } },
    clock,
    log,
    ...options,
  });
  const caller = clients.add("lihao");
  const callee = clients.add("nway");

  /** Sends as the server would: the response first, then what follows it. */
  function ask(client: FakeClient, method: Method, data: RequestData = {}, sessionid = "s1", isUser = true) {
    const request = makeRequest(method, { caller_number: client.user, ...data }, sessionid);
    const outcome =
      method === "invite" ? calls.invite(client, request, isUser ? {} : undefined) : askLive(client, request);
    outcome.afterwards?.();
    return outcome.data;
  }

  function askLive(client: FakeClient, request: Request) {
    if (request.method === "answer") return calls.answer(client, request);
    if (request.method === "cancel") return calls.cancel(client, request);
    if (request.method === "bye") return calls.bye(client, request);
    return calls.message(client, request);
  }

  /** Brings a call from lihao to nway to a state. */
  function reach(state: "inviting" | "ringing" | "talking", data: RequestData = {}) {
    const response = ask(caller, "invite", { callee_number: "nway", ...data });
    if (state !== "inviting") callee.respond();
    if (state === "talking") ask(callee, "answer");
    return response;
  }

  return { calls, clock, clients, media, keys, caller, callee, ask, reach, lines };
}

export function makeRequest(method: Method, data: RequestData, sessionid: string): Request {
  const fixed = {
    type: "request",
    version: "1.1",
    order: 1,
    appname: "wx",
    protoname: "rtmp",
    realm: "",
  } as const;
  return { ...fixed, method, sessionid, data };
}
