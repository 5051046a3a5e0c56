import { parseRtmpUrl, playRtmp } from "../../src/probe/rtmp-client.ts";
import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { pushTone } from "../e2e/calls/tone.ts";
import { register } from "../e2e/calls/two-people.ts";
import type { Gateway } from "../peers/gateway.ts";
import { within } from "../peers/wait.ts";
import { USERS } from "./attack.ts";
import { invite } from "./live-calls.ts";

/** Like an app, which tries each of its connections three times, a moment apart. */
const ATTEMPTS = 3;
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
  await using client = await attempt(() => register(gateway, USERS.newcomer));
  const { sessionid, push, pull } = await invite(client, "9196");
  try {
    using _tone = await attempt(() => pushTone(push));
    const heard = Promise.withResolvers<void>();
    const onMedia = ({ typeId }: { readonly typeId: number }) =>
      typeId === MessageType.audio && heard.resolve();
    const player = await attempt(() => playRtmp(parseRtmpUrl(pull), { onMedia }));
    await heard.promise;
    player.close();
  } finally {
    await client.bye(sessionid);
  }
}

async function attempt<T>(connect: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await connect();
    } catch (thrown) {
      if (count === ATTEMPTS) throw thrown;
      await Bun.sleep(MOMENT_MS);
    }
  }
}
