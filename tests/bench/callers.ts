import { SignalingClient } from "../../src/probe/signaling-client.ts";
import { DelayRecorder, type Delays } from "./statistics.ts";

/** How long a call lives before its caller cancels it: no media, so that signaling alone is measured. */
const CALL_MS = 50;
const CONNECTS_AT_ONCE = 50;
export const PASSWORD = "bench";

export function nameUser(index: number): string {
  return `bench${index}`;
}

/** Registered clients; the first half calls the second half, client n always client n + half. */
export class Callers {
  readonly #clients: SignalingClient[] = [];
  readonly #recorder = new DelayRecorder();
  readonly #invitedAtMs = new Map<string, number>();

  async register(url: string, count: number): Promise<void> {
    for (let from = 0; from < count; from += CONNECTS_AT_ONCE) {
      const batch = Array.from(
        { length: Math.min(CONNECTS_AT_ONCE, count - from) },
        (_, index) => from + index,
      );
      this.#clients.push(...(await Promise.all(batch.map((index) => this.#open(url, nameUser(index))))));
    }
  }

  /** From the invite's sending to the callee's reception, of `count` calls of which `perSecond` begin each second. */
  async call(count: number, perSecond: number): Promise<Delays> {
    const startMs = performance.now();
    const calls: Promise<void>[] = [];
    this.#recorder.start();
    for (let call = 0; call < count; call++) {
      const waitMs = startMs + (call * 1000) / perSecond - performance.now();
      if (waitMs > 0) await Bun.sleep(waitMs);
      calls.push(this.#callOnce(call % (this.#clients.length / 2)));
    }
    await Promise.all(calls);
    return this.#recorder.stop();
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#clients.length = 0;
  }

  async #open(url: string, user: string): Promise<SignalingClient> {
    const client = await SignalingClient.connect({
      url,
      user,
      onRequest: ({ method, data }) => {
        if (method === "invite") this.#invited(data.caller_number);
        return undefined;
      },
    });
    const { data } = await client.register(PASSWORD);
    if (!data.code.startsWith("200")) throw new Error(`register ${user}: ${data.code} ${data.msg}`);
    return client;
  }

  async #callOnce(caller: number): Promise<void> {
    const client = this.#clients[caller];
    if (client === undefined) throw new Error("register first");
    this.#invitedAtMs.set(nameUser(caller), performance.now());
    const { sessionid, response } = await client.invite(nameUser(caller + this.#clients.length / 2));
    if (!response.data.code.startsWith("200")) {
      throw new Error(`invite: ${response.data.code} ${response.data.msg}`);
    }
    await Bun.sleep(CALL_MS);
    await client.cancel(sessionid);
  }

  #invited(callerNumber: string | undefined): void {
    const sentAtMs = this.#invitedAtMs.get(callerNumber ?? "");
    if (sentAtMs !== undefined) this.#recorder.add(performance.now() - sentAtMs);
  }
}
