import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Request, RequestData, ResponseData } from "../protocols/signaling/message.ts";
import { type DirectionReport, measureDirection } from "./direction.ts";
import { findFaults } from "./faults.ts";
import { SignalingClient } from "./signaling-client.ts";
import type { Trust } from "./trust.ts";

export type ProbeOptions = {
  /** `ws://host:18123/` or `wss://host:18124/` */
  readonly url: string;
  readonly user1: string;
  readonly password1: string;
  readonly user2: string;
  readonly password2: string;
  /** How long the test sound lasts. */
  readonly seconds: number;
  readonly trust: Trust;
  readonly clock: Clock;
};

export type ProbeReport = {
  /** From the caller's invite until the callee had it. */
  readonly setUpMs: number;
  readonly directions: readonly DirectionReport[];
  /** Why the installation is not fit for calls; empty when it is. */
  readonly faults: readonly string[];
};

/** What the test sound is coded in, and a kind of client that hears the codec it pushes. */
const TEST_AUDIO = "G711A";
const KIND = { appname: "hd-machine" };

function onRequest({ method }: Request): ResponseData | undefined {
  return method === "invite" ? { code: "200ok", msg: "OK", callee_audio: TEST_AUDIO } : undefined;
}

/**
 * Registers two users at a running gateway, calls through it and sends a tone both ways. Throws AppError when the
 * gateway cannot be reached, refuses a user or does not put the call through.
 */
export async function runProbe(options: ProbeOptions): Promise<ProbeReport> {
  const { url, user1, user2, trust, clock } = options;
  await using caller = await SignalingClient.connect({ url, user: user1, ...KIND, trust, clock });
  await using callee = await SignalingClient.connect({ url, user: user2, ...KIND, onRequest, trust, clock });
  expectSuccess("register", user1, (await caller.register(options.password1)).data);
  expectSuccess("register", user2, (await callee.register(options.password2)).data);

  const invitedMs = clock.nowMs();
  const arrival = callee.nextRequest("invite").then((request) => ({ request, atMs: clock.nowMs() }));
  arrival.catch(() => {});
  const { sessionid, response } = await caller.invite(user2, { caller_audio: TEST_AUDIO });
  expectSuccess("invite", user1, response.data);
  const { request, atMs } = await arrival;
  expectSuccess("answer", user2, (await callee.answer(request.sessionid)).data);
  await caller.nextRequest("answer", sessionid);

  const forth = [
    `${user1} → ${user2}`,
    readUrl(response.data, "caller_url"),
    readUrl(request.data, "caller_url"),
  ];
  const back = [
    `${user2} → ${user1}`,
    readUrl(request.data, "callee_url"),
    readUrl(response.data, "callee_url"),
  ];
  const directions = await Promise.all(
    [forth, back].map(([name = "", push = "", pull = ""]) => measureDirection(name, push, pull, options)),
  );
  await caller.bye(sessionid);
  const setUpMs = atMs - invitedMs;
  return { setUpMs, directions, faults: findFaults(setUpMs, directions) };
}

function expectSuccess(step: string, user: string, { code, msg }: ResponseData): void {
  if (String(code).startsWith("200")) return;
  throw new AppError("peer", "probe.refused", { step, user, code, msg });
}

function readUrl(data: RequestData | ResponseData, field: "caller_url" | "callee_url"): string {
  const url = data[field] ?? "";
  if (url === "") throw new AppError("peer", "probe.no-stream-url", { field });
  if (!URL.canParse(url)) throw new AppError("peer", "probe.bad-stream-url", { field });
  return url;
}
