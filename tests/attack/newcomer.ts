import { parseRtmpUrl, playRtmp } from "../../src/probe/rtmp-client.ts";
import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { pushTone } from "../e2e/calls/tone.ts";
import { register } from "../e2e/calls/two-people.ts";
import type { Gateway } from "../peers/gateway.ts";
import { within } from "../peers/wait.ts";
import { invite, NEWCOMER } from "./live-calls.ts";

/** Like an app, which tries three times. */
const ATTEMPTS = 3;
const ATTEMPT_MS = 5_000;

/** How long somebody takes from opening a socket until the echo of the own voice; undefined if it never comes. */
export async function callAsNewcomer(gateway: Gateway): Promise<number | undefined> {
  const startMs = performance.now();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await within("the newcomer's echo", callOnce(gateway), ATTEMPT_MS);
      return performance.now() - startMs;
    } catch {
      // The next attempt tells.
    }
  }
  return undefined;
}

async function callOnce(gateway: Gateway): Promise<void> {
  await using client = await register(gateway, NEWCOMER);
  const { sessionid, push, pull } = await invite(client, "9196");
  using _tone = await pushTone(push);
  const heard = Promise.withResolvers<void>();
  const player = await playRtmp(parseRtmpUrl(pull), {
    onMedia: ({ typeId }) => typeId === MessageType.audio && heard.resolve(),
  });
  try {
    await heard.promise;
  } finally {
    player.close();
    await client.bye(sessionid);
  }
}
