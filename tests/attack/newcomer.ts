import { parseRtmpUrl, playRtmp } from "../../src/probe/rtmp-client.ts";
import { SignalingClient } from "../../src/probe/signaling-client.ts";
import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { pushTone } from "../e2e/calls/tone.ts";
import { PASSWORD } from "../e2e/calls/two-people.ts";
import type { Gateway } from "../peers/gateway.ts";
import { within } from "../peers/wait.ts";
import { USERS } from "./attack.ts";
import { invite } from "./live-calls.ts";

/** Like an app, which tries its streams three times, and comes back to signaling for as long as it takes. */
const STREAM_ATTEMPTS = 3;
const SIGNALING_ATTEMPTS = 20;
const MOMENT_MS = 100;
const CALL_MS = 15_000;

/** How long somebody takes from opening a socket until the echo of the own voice; undefined if it never comes. */
export async function callAsNewcomer(gateway: Gateway): Promise<number | undefined> {
  const startMs = performance.now();
  try {
    await within("the newcomer's echo", callOnce(gateway), CALL_MS);
    return performance.now() - startMs;
  } catch {
    return undefined;
  }
}

async function callOnce(gateway: Gateway): Promise<void> {
  await using client = await attempt(SIGNALING_ATTEMPTS, () => login(gateway));
  const { sessionid, push, pull } = await invite(client, "9196");
  try {
    using _tone = await attempt(STREAM_ATTEMPTS, () => pushTone(push));
    const heard = Promise.withResolvers<void>();
    const onMedia = ({ typeId }: { readonly typeId: number }) =>
      typeId === MessageType.audio && heard.resolve();
    const player = await attempt(STREAM_ATTEMPTS, () => playRtmp(parseRtmpUrl(pull), { onMedia }));
    await heard.promise;
    player.close();
  } finally {
    await client.bye(sessionid);
  }
}

/** Whoever is disconnected meanwhile notices at once. */
async function login({ urls }: Gateway): Promise<SignalingClient> {
  const client = await SignalingClient.connect({ url: urls.signaling, user: USERS.newcomer });
  const gone = client.closed.then(() => undefined);
  const registered = await Promise.race([client.register(PASSWORD).catch(() => undefined), gone]);
  if (registered?.data.code === "200ok") return client;
  await client.close();
  throw new Error(`register: ${registered?.data.code}`);
}

async function attempt<T>(most: number, connect: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await connect();
    } catch (thrown) {
      if (count === most) throw thrown;
      await Bun.sleep(MOMENT_MS);
    }
  }
}
