import { createServer, type Socket } from "node:net";
import type { LegProgress } from "../../src/calls/ports.ts";
import { FreeswitchClient } from "../../src/freeswitch/client.ts";
import type { CallRequest } from "../../src/freeswitch/originate.ts";
import { createLogger } from "../../src/log.ts";
import type { PlacedCall } from "../../src/telephone/switch.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import type { PlacedPeerCall } from "../peers/freeswitch/placed-call.ts";
import { type FreeswitchPeer, type FreeswitchPeerOptions, startFreeswitchPeer } from "../peers/freeswitch.ts";
import { waitFor } from "../peers/wait.ts";

export const GATEWAY_ROUTE = {
  kind: "gateway",
  gateway: "gw1",
  number: "13800000000",
  ringTimeoutSeconds: 30,
} as const;
const REQUEST: CallRequest = {
  session: "wx-sess",
  callerNumber: "lihao",
  callerName: "lihao",
  codecs: ["PCMA"],
  route: GATEWAY_ROUTE,
};

export type RigCall = {
  readonly placed: PlacedCall;
  readonly events: LegProgress[];
  /** The kinds of its events, the last with its cause. */
  story(): string;
};

/** A client on a clock that the test moves, its log, and a peer on a real socket. */
export class Rig implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log: string[] = [];
  readonly client: FreeswitchClient;

  constructor(port: number, password = "ClueCon") {
    this.client = new FreeswitchClient({
      host: "127.0.0.1",
      port,
      password,
      sipAddress: "127.0.0.1:25560",
      sipProfile: "internal",
      clock: this.clock,
      log: createLogger({
        level: "info",
        write: (line) => this.log.push(line.slice(25).trim()),
        clock: this.clock,
      }),
      random: () => 0,
      randomBytes: (bytes) => void crypto.getRandomValues(bytes),
    });
    this.client.start();
  }

  place(request: Partial<CallRequest> = {}): RigCall {
    const events: LegProgress[] = [];
    const placed = this.client.placeCall({ ...REQUEST, ...request }, (event) => events.push(event));
    const story = () => events.map((event) => (event.kind === "ended" ? event.cause : event.kind)).join(" ");
    return { placed, events, story };
  }

  async waitUntilUp(): Promise<void> {
    await waitFor("the link", () => this.client.status.state === "up");
  }

  async waitUntilDown(): Promise<void> {
    await waitFor("the link's end", () => this.client.status.state === "waiting");
  }

  /** Lets the client try again. */
  async reconnect(): Promise<void> {
    await this.waitUntilDown();
    this.clock.advance(10_000);
    await this.waitUntilUp();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client[Symbol.asyncDispose]();
  }
}

export async function startRig(
  options: FreeswitchPeerOptions = {},
): Promise<{ peer: FreeswitchPeer; rig: Rig } & AsyncDisposable> {
  const peer = await startFreeswitchPeer(options);
  const rig = new Rig(peer.port);
  await rig.waitUntilUp();
  return {
    peer,
    rig,
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

/** The peer's side of a call, once the telephone is dialled. */
export async function dialled(peer: FreeswitchPeer, { placed }: RigCall): Promise<PlacedPeerCall> {
  return await waitFor("the dialled telephone", () =>
    peer.calls.find(({ ourLeg, farLeg }) => ourLeg.uuid === placed.ourLegId && farLeg !== undefined),
  );
}

export async function waitForStory(call: RigCall, story: string): Promise<void> {
  await waitFor(`${story}, not ${call.story()}`, () => call.story() === story);
}

/** A server that does nothing but what it is told. */
export async function startRawServer(
  onConnect: (socket: Socket) => void,
): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnect(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
