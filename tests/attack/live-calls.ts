import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRtmpUrl, playRtmp } from "../../src/probe/rtmp-client.ts";
import type { SignalingClient } from "../../src/probe/signaling-client.ts";
import { FRAME_MS } from "../../src/probe/test-sound.ts";
import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { pushTone } from "../e2e/calls/tone.ts";
import { connectCall, PASSWORD, register } from "../e2e/calls/two-people.ts";
import { NUMBER, startPeer, waitUntilLinked } from "../e2e/telephone/laboratory.ts";
import { writePair } from "../e2e/tls/secure-gateway.ts";
import type { FreeswitchPeer } from "../peers/freeswitch.ts";
import { type Gateway, startGateway } from "../peers/gateway.ts";
import { pathOf } from "../peers/programs.ts";
import { waitFor } from "../peers/wait.ts";
import { type Target, USERS } from "./attack.ts";
import type { World } from "./attacks.ts";
import { Ear, type Heard } from "./ear.ts";

type Descriptors = World["descriptors"];
type LiveCallsOptions = {
  readonly descriptors?: Descriptors;
  /** Users may call no more often than by default. */
  readonly areUsersBounded?: boolean;
};

/** Both directions of each call: what the telephones hear, and what the apps do. */
export type WhatWasHeard = { readonly telephones: Heard; readonly apps: Heard };

export interface LiveCalls extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly target: Target;
  /** From now on it counts what is heard. */
  start(): void;
  stop(): WhatWasHeard;
}

const RTP_MS = 20;
const NAMED_KEY = "named-by-a-client";
const DEFAULT_LIMITS = {
  calls: { calls_per_minute: 3_000, calls_per_minute_per_user: 60 },
  dialing: { limits: "*:20/min", total_limits: "*:600/min" },
};
const FREE = "127.0.0.1:0";

function nameUser(index: number): string {
  return `user${index}`;
}

/** The executable with calls that go on: so many of each kind, app with app, app with the echo, app with a telephone. */
export async function startLiveCalls(
  countOfEach: number,
  { descriptors, areUsersBounded = false }: LiveCallsOptions = {},
): Promise<LiveCalls> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-attack-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const peer = stack.use(
    await startPeer({
      onDial(leg) {
        leg.media.keeps = false;
        leg.call.ring();
        leg.call.answer();
      },
    }),
  );
  const config = {
    ...configFor(peer, countOfEach),
    ...(areUsersBounded ? DEFAULT_LIMITS : {}),
    ...(await secure(folder)),
    records: { dir: join(folder, "records") },
  };
  const gateway = stack.use(await startGateway({ config, prefix: limit(countOfEach, descriptors) }));
  await waitUntilLinked(gateway, 1);
  const ended = await endOneCall(gateway);
  let live: Target["live"] | undefined;
  let otherCall: Target["other"] | undefined;
  const apps: Ear[] = [];
  const telephones: Ear[] = [];
  const say = async (push: string, pull: string) => {
    stack.use(await pushTone(push));
    apps.push(await listen(pull, stack));
  };
  for (let index = 0; index < countOfEach; index++) {
    const user = (kind: number) => register(gateway, nameUser(4 * index + kind));
    const [one, other, echoer, dialler] = await Promise.all([user(0), user(1), user(2), user(3)]);
    for (const client of [one, other, echoer, dialler]) stack.use(client);
    const named = index === 0 ? { caller_url: gateway.urls.rtmp(NAMED_KEY) } : {};
    const call = await connectCall(one, other, named, nameUser(4 * index + 1));
    live ??= call.callee;
    await say(call.caller.push, call.caller.pull);
    await say(call.callee.push, call.callee.pull);
    const echo = await invite(echoer, "9196");
    otherCall ??= echo;
    await say(echo.push, echo.pull);
    const telephone = await invite(dialler, NUMBER);
    await say(telephone.push, telephone.pull);
    telephones.push(await listenAtTelephone(peer, index));
  }
  const ears = [...apps, ...telephones];
  await waitFor("sound everywhere", () => ears.every(({ count }) => count > 0));
  if (live === undefined || otherCall === undefined) throw new Error("no call goes on");
  const { push, pull } = live;
  const running = stack.move();
  return {
    gateway,
    target: {
      ports: gateway.ports,
      pid: gateway.pid,
      live: { push, pull },
      other: { push: otherCall.push, pull: otherCall.pull },
      ended,
      namedKey: NAMED_KEY,
      recordsFolder: config.records.dir,
    },
    start() {
      for (const ear of ears) ear.start();
    },
    stop: () => ({ telephones: worstOf(telephones), apps: worstOf(apps) }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function configFor(peer: FreeswitchPeer, countOfEach: number) {
  const names = [
    ...Object.values(USERS),
    ...Array.from({ length: 4 * countOfEach }, (_, index) => nameUser(index)),
  ];
  const users = names.flatMap((name, n) => [
    [`user${n + 1}`, name],
    [`password${n + 1}`, PASSWORD],
  ]);
  return {
    // Clients on links of their own come from outside.
    server: {
      addr: "0.0.0.0:0",
      fs_esl_ip: `127.0.0.1:${peer.port}`,
      fs_auth: peer.password,
      use_callout: true,
      callout_gateway: "gw1",
    },
    users: Object.fromEntries(users),
  };
}

async function secure(folder: string) {
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  await writePair(files);
  return { tls: { ...files, wss_addr: FREE, rtmps_addr: FREE, https_flv_addr: FREE, https_api_addr: FREE } };
}

function limit(countOfEach: number, descriptors: Descriptors): string[] {
  if (descriptors === undefined) return [];
  return [pathOf("prlimit"), `--nofile=${descriptors.own + 3 * countOfEach * descriptors.ofCall}`];
}

async function endOneCall(gateway: Gateway): Promise<Target["ended"]> {
  await using client = await register(gateway, USERS.barred);
  const { sessionid, push, pull } = await invite(client, "9196");
  await client.bye(sessionid);
  return { push, pull };
}

type Invited = { readonly sessionid: string; readonly push: string; readonly pull: string };

/** Calls, and waits for the answer. */
export async function invite(client: SignalingClient, number: string): Promise<Invited> {
  const { sessionid, response } = await client.invite(number);
  if (response.data.code !== "200ok") throw new Error(`invite: ${response.data.code} ${response.data.msg}`);
  await client.nextRequest("answer", sessionid);
  const { caller_url = "", callee_url = "" } = response.data;
  return { sessionid, push: caller_url, pull: callee_url };
}

async function listen(url: string, stack: AsyncDisposableStack): Promise<Ear> {
  const ear = new Ear(FRAME_MS);
  const player = await playRtmp(parseRtmpUrl(url), {
    onMedia: ({ typeId }) => typeId === MessageType.audio && ear.hear(),
  });
  stack.defer(() => player.close());
  return ear;
}

async function listenAtTelephone(peer: FreeswitchPeer, index: number): Promise<Ear> {
  const ear = new Ear(RTP_MS);
  const leg = await waitFor("the telephone", () => peer.legs[index]);
  leg.media.onPacket = () => ear.hear();
  return ear;
}

/** What the one that heard worst was given. */
function worstOf(ears: readonly Ear[]): Heard {
  const heard = ears.map((ear) => ear.stop());
  return {
    worstGapMs: Math.max(...heard.map(({ worstGapMs }) => worstGapMs)),
    missingCount: Math.max(...heard.map(({ missingCount }) => missingCount)),
  };
}
