import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import type { OurLeg } from "../../peers/freeswitch/our-leg.ts";
import { nameUser } from "../callers.ts";
import { registerApp } from "./diallers.ts";
import { MeasuredPeer } from "./measured-peer.ts";

const NUMBER = "13800000000";

/** A call that was answered. */
export type LiveCall = {
  readonly app: SignalingClient;
  readonly sessionid: string;
  readonly leg: OurLeg;
  /** What the app pushes to and pulls from. */
  readonly push: string;
  readonly pull: string;
};

/** FreeSWITCH, the telephones behind it, and apps that talk to them, in one process and on one clock. */
export class TelephoneLaboratory implements AsyncDisposable {
  readonly peer = new MeasuredPeer();
  readonly #apps: SignalingClient[] = [];

  /** A user's call, answered. */
  async call(url: string, index: number): Promise<LiveCall> {
    const app = await registerApp(url, index);
    this.#apps.push(app);
    const { promise: answered, resolve } = Promise.withResolvers<OurLeg>();
    this.peer.onAnswer = (caller, leg) => {
      if (caller !== nameUser(index)) return false;
      resolve(leg);
      return true;
    };
    const { sessionid, response } = await app.invite(NUMBER);
    const { code, msg, caller_url: push = "", callee_url: pull = "" } = response.data;
    if (!code.startsWith("200")) throw new Error(`invite: ${code} ${msg}`);
    const leg = await answered;
    await app.nextRequest("answer", sessionid);
    return { app, sessionid, leg, push, pull };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.close()));
    await this.peer[Symbol.asyncDispose]();
  }
}
