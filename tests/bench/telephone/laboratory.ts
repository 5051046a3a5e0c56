import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import type { OurLeg } from "../../peers/freeswitch/our-leg.ts";
import { nameUser, PASSWORD } from "../callers.ts";
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

/** FreeSWITCH, the telephones behind it and the apps, in one process and on one clock. */
export class TelephoneLaboratory implements AsyncDisposable {
  readonly peer = new MeasuredPeer((leg) => {
    const caller = leg.call.originate.variables.origination_caller_id_number ?? "";
    this.#dialling.get(caller)?.(leg);
  });
  readonly #apps: SignalingClient[] = [];
  /** By caller: who waits for the telephone to be dialled. */
  readonly #dialling = new Map<string, (leg: OurLeg) => void>();

  async register(url: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const app = await SignalingClient.connect({ url, user: nameUser(index) });
      this.#apps.push(app);
      const { data } = await app.register(PASSWORD);
      if (!data.code.startsWith("200")) throw new Error(`register: ${data.code} ${data.msg}`);
    }
  }

  get appCount(): number {
    return this.#apps.length;
  }

  /** Dials, and is answered as soon as the telephone rings. `onInvite` is called just before the invite is sent. */
  async call(index: number, onInvite: (caller: string) => void = () => {}): Promise<LiveCall> {
    const app = this.#apps[index];
    if (app === undefined) throw new Error("register first");
    const { promise: dialled, resolve } = Promise.withResolvers<OurLeg>();
    const caller = nameUser(index);
    this.#dialling.set(caller, resolve);
    onInvite(caller);
    const { sessionid, response } = await app.invite(NUMBER);
    const { code, msg, caller_url: push = "", callee_url: pull = "" } = response.data;
    if (!code.startsWith("200")) throw new Error(`invite: ${code} ${msg}`);
    const leg = await dialled;
    leg.media.keeps = false;
    leg.call.ring();
    leg.call.answer();
    await app.nextRequest("answer", sessionid);
    return { app, sessionid, leg, push, pull };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.close()));
    await this.peer[Symbol.asyncDispose]();
  }
}
