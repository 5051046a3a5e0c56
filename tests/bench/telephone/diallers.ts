import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { nameUser, PASSWORD } from "../callers.ts";
import { monotonicNs } from "../clock.ts";
import { DelayRecorder, type Delays } from "../statistics.ts";
import { type CallEnd, isHungUpOn, TALK_MS } from "./call-ends.ts";
import { EslTap } from "./esl-tap.ts";

export type DialReport = {
  /** From the invite's sending until the originate has come to the event socket. */
  readonly originate: Delays;
  readonly said: readonly CallEnd[];
  readonly heard: readonly CallEnd[];
};

const NUMBER = "13800000000";

/** Apps that call telephones, which answer at once. */
export class Diallers implements AsyncDisposable {
  readonly tap = new EslTap();
  readonly #apps: SignalingClient[] = [];

  async register(url: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) this.#apps.push(await registerApp(url, index));
  }

  /** `count` calls of which `perSecond` begin each second. */
  async dial(count: number, perSecond: number): Promise<DialReport> {
    const recorder = new DelayRecorder();
    const invitedAtMs = new Map<string, number>();
    const ends = { said: [] as CallEnd[], heard: [] as CallEnd[] };
    this.tap.onOriginate = (caller) =>
      recorder.add(performance.now() - (invitedAtMs.get(caller) ?? Number.NaN));
    recorder.start();
    const startMs = performance.now();
    const calls: Promise<void>[] = [];
    for (let call = 0; call < count; call++) {
      const waitMs = startMs + (call * 1000) / perSecond - performance.now();
      if (waitMs > 0) await Bun.sleep(waitMs);
      const index = call % this.#apps.length;
      invitedAtMs.set(nameUser(index), performance.now());
      calls.push(this.#dialOnce(index, ends));
    }
    await Promise.all(calls);
    return { originate: recorder.stop(), ...ends };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.close()));
    this.#apps.length = 0;
    this.tap[Symbol.dispose]();
  }

  async #dialOnce(index: number, { said, heard }: { said: CallEnd[]; heard: CallEnd[] }): Promise<void> {
    const app = this.#apps[index];
    if (app === undefined) throw new Error("register first");
    const caller = nameUser(index);
    const { sessionid, response } = await app.invite(NUMBER);
    if (!response.data.code.startsWith("200")) {
      throw new Error(`invite: ${response.data.code} ${response.data.msg}`);
    }
    await app.nextRequest("answer", sessionid);
    if (isHungUpOn(caller)) {
      await app.nextRequest("bye", sessionid);
      heard.push({ caller, atNs: monotonicNs() });
      return;
    }
    await Bun.sleep(TALK_MS);
    said.push({ caller, atNs: monotonicNs() });
    await app.bye(sessionid);
  }
}

export async function registerApp(url: string, index: number): Promise<SignalingClient> {
  const app = await SignalingClient.connect({ url, user: nameUser(index) });
  const { data } = await app.register(PASSWORD);
  if (!data.code.startsWith("200")) throw new Error(`register: ${data.code} ${data.msg}`);
  return app;
}
