import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import type { RequestData } from "../../../src/protocols/signaling/message.ts";
import type { OurLeg } from "../../peers/freeswitch/our-leg.ts";
import {
  type FreeswitchPeer,
  type FreeswitchPeerOptions,
  startFreeswitchPeer,
} from "../../peers/freeswitch.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { readCalls } from "../calls/gateway-state.ts";
import { register } from "../calls/two-people.ts";

export const NUMBER = "13800000000";

export interface Laboratory extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly peer: FreeswitchPeer;
  /** lihao's, registered. */
  readonly app: SignalingClient;
}

/** The executable, a FreeSWITCH that calls over UDP, and one registered user. */
export async function startLaboratory(
  peerOptions: FreeswitchPeerOptions = {},
  config: GatewayOptions["config"] = {},
): Promise<Laboratory> {
  await using stack = new AsyncDisposableStack();
  const peer = stack.use(await startPeer(peerOptions));
  const gateway = stack.use(
    await startGateway({
      config: {
        ...config,
        server: {
          addr: "127.0.0.1:0",
          fs_esl_ip: `127.0.0.1:${peer.port}`,
          fs_auth: peer.password,
          use_callout: true,
          callout_gateway: "gw1",
          ...config.server,
        },
      },
    }),
  );
  await waitUntilLinked(gateway, 1);
  const app = stack.use(await register(gateway, "lihao"));
  const running = stack.move();
  return { gateway, peer, app, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

export function startPeer(options: FreeswitchPeerOptions = {}): Promise<FreeswitchPeer> {
  return startFreeswitchPeer({ sipPort: 0, gateways: { gw1: "up", gwdown: "down" }, ...options });
}

/** Until the link to FreeSWITCH has come up so many times. */
export async function waitUntilLinked(gateway: Gateway, count: number): Promise<void> {
  await waitFor(
    `link ${count} to FreeSWITCH`,
    () => gateway.log().split(" freeswitch.connected ").length > count,
    20_000,
  );
}

export type CallOut = {
  readonly sessionid: string;
  /** What the app pushes to and pulls from. */
  readonly push: string;
  readonly pull: string;
  readonly leg: OurLeg;
};

/** lihao dials, and FreeSWITCH has dialled the telephone. */
export async function dial(
  { app, peer }: Pick<Laboratory, "app" | "peer">,
  number = NUMBER,
  data: RequestData = {},
): Promise<CallOut> {
  const { sessionid, response } = await app.invite(number, data);
  if (response.data.code !== "200ok") throw new Error(`invite: ${response.data.code} ${response.data.msg}`);
  const { caller_url = "", callee_url = "" } = response.data;
  return { sessionid, push: caller_url, pull: callee_url, leg: await peer.nextLeg() };
}

/** The telephone rings, is answered, and the app knows. */
export async function connect({ app }: Pick<Laboratory, "app">, { leg, sessionid }: CallOut): Promise<void> {
  leg.call.ring();
  leg.call.answer();
  await app.nextRequest("answer", sessionid);
}

/** What the app is told at the end. */
export async function readEnd(app: SignalingClient, sessionid: string): Promise<string> {
  const { data } = await app.nextRequest("bye", sessionid);
  return `${data.code} ${data.msg}`;
}

/** No call in the gateway, no channel in FreeSWITCH, and nothing that the one did to the other that it must not. */
export async function expectNothingLeft({
  gateway,
  peer,
}: Pick<Laboratory, "gateway" | "peer">): Promise<void> {
  await waitFor("the end of all channels", () => peer.channels.size === 0);
  await waitFor("the end of all calls", async () => (await readCalls(gateway)).length === 0);
  await waitFor("the end of all RTP", () => peer.side.legCount === 0);
  if (peer.faults.length > 0) throw new Error(`faults: ${peer.faults.join("\n")}`);
  const troubles = gateway.process.stderr().match(/^.* error .*$/gm);
  if (troubles !== null) throw new Error(troubles.join("\n"));
}
