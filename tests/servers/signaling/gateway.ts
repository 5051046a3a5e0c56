import { CallRegistry } from "../../../src/calls/call-registry.ts";
import { createCallSounds } from "../../../src/calls/call-sounds.ts";
import { reachesLocally } from "../../../src/calls/routing.ts";
import { StreamKeys } from "../../../src/calls/stream-keys.ts";
import { StreamUrls } from "../../../src/calls/stream-urls.ts";
import { type Clock, systemClock } from "../../../src/clock.ts";
import { createLogger } from "../../../src/log.ts";
import { SignalingClient, type SignalingClientOptions } from "../../../src/probe/signaling-client.ts";
import { encodeRequest } from "../../../src/protocols/signaling/codec.ts";
import { createEntry } from "../../../src/servers/access/entry.ts";
import { Registrations } from "../../../src/servers/signaling/registrations.ts";
import { startSignalingServer } from "../../../src/servers/signaling/server.ts";
import { openLanes } from "../../../src/servers/tcp/turns.ts";
import type { Directory } from "../../../src/users/directory.ts";
import { createIniDirectory } from "../../../src/users/ini-directory.ts";
import { Login } from "../../../src/users/login.ts";
import { PasswordChecks } from "../../../src/users/passwords.ts";
import { ResumeTokens } from "../../../src/users/resume-tokens.ts";
import { FakeMedia } from "../../calls/fake-media.ts";
import { openSpending } from "../../calls/spending/open-spending.ts";

export const PASSWORD = "1234";

/** What the gateway under test takes for its own address besides loopback. */
export const OWN_ADDRESS = "192.0.2.1";

export type GatewayOptions = {
  clock?: Clock;
  directory?: Directory;
  users?: readonly string[];
  video?: string;
  pushBase?: string;
  maxCallsPerUser?: number;
  maxClients?: number;
  host?: string;
};

/** The signaling server with everything under it but media, which is made up. */
export function startGateway({ clock = systemClock, ...options }: GatewayOptions = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const { users = ["lihao", "nway", "third"], pushBase = "" } = options;
  const media = new FakeMedia();
  const keys = new StreamKeys({ open: false, clientUrls: true });
  const clients = new Registrations({ resumeMs: 30_000, clock, log });
  const extensions = { echo: "9196", tone: "9197", welcome: "9198" };
  const calls = new CallRegistry({
    clients,
    media,
    keys,
    urls: new StreamUrls({ pushBase, pullBase: pushBase, rtmpPort: () => 1935 }),
    extensions,
    telephony: undefined,
    numberRules: { rewrite: [], allow: [], deny: [], emergency: false },
    usualWay: "dialplan",
    spending: openSpending({}, clock),
    defaultAppname: "wechat",
    sounds: createCallSounds("cn", undefined, new Float32Array(16_000)),
    codecs: { audio: "AAC", video: options.video },
    isOverloaded: () => false,
    limits: { maxCalls: 1_000, maxCallsPerUser: options.maxCallsPerUser ?? 1 },
    times: { ringMs: 60_000, media: { lostMs: 10_000, timeoutMs: 30_000 } },
    clock,
    log,
  });
  const named = new Map(users.map((user) => [user, PASSWORD]));
  const directory = options.directory ?? createIniDirectory(() => named);
  const tokens = new ResumeTokens({ key: new Uint8Array(32), lifeMs: 3_600_000, clock });
  const server = startSignalingServer({
    addr: { host: options.host ?? "127.0.0.1", port: 0 },
    login: new Login({ directory, passwords: new PasswordChecks(), tokens, clock }),
    directory,
    reaches: (number) => reachesLocally(number, { extensions, clients }),
    clients,
    calls,
    entry: createEntry({ allow: undefined, deny: [], trustedProxies: ["127.0.0.1"] }),
    pingMs: 20_000,
    deadMs: 60_000,
    maxClients: options.maxClients ?? 100,
    lanes: openLanes(clock),
    maxLoginFailures: 5,
    lockoutMs: 60_000,
    isOwnAddress: (address) => address === OWN_ADDRESS,
    clock,
    log,
  });
  const url = `ws://127.0.0.1:${server.port}/ws`;
  const connect = (user: string, more: Partial<SignalingClientOptions> = {}) =>
    SignalingClient.connect({ url, user, ...more });
  const register = async (user: string, more: Partial<SignalingClientOptions> = {}) => {
    const client = await connect(user, more);
    await client.register(PASSWORD);
    return client;
  };
  const stop = () => server[Symbol.asyncDispose]();
  const connectionCount = () => server.connectionCount;
  return {
    url,
    port: server.port,
    connectionCount,
    lines,
    media,
    keys,
    clients,
    calls,
    connect,
    register,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export type Gateway = ReturnType<typeof startGateway>;

/** A register request as a bare client writes it. */
export function registerText(user: string, password = PASSWORD, order = 1): string {
  return encodeRequest({
    ...{ type: "request", method: "register", version: "1.0", sessionid: "r", order },
    ...{ appname: "wx", protoname: "rtmp", realm: "", data: { caller_number: user, password } },
  });
}
