import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { startApp } from "../../../src/app.ts";
import { systemClock } from "../../../src/clock.ts";
import { loadConfig } from "../../../src/config/files/load-config.ts";
import { createLogger } from "../../../src/log.ts";
import { parseRtmpUrl, playRtmp } from "../../../src/probe/rtmp-client.ts";
import { createFolder } from "../../config/folder.ts";
import { waitFor, within } from "../../peers/wait.ts";
import { pushTone } from "../calls/tone.ts";
import { connectCall, register } from "../calls/two-people.ts";

const WARM_UP_ROUNDS = 300;
const ROUNDS = 2000;
const SOUND_EVERY = 20;
/** A single object that every call left behind would be more. */
const MOST_NEW_OBJECTS = ROUNDS / 2;

const FREE_PORTS = {
  NWAY_WX_SERVER_ADDR: "127.0.0.1:0",
  NWAY_WX_SETTINGS_IP_PORT: "127.0.0.1:0",
  NWAY_WX_MEDIA_RTMP_ADDR: "127.0.0.1:0",
  NWAY_WX_SIP_ADDR: "127.0.0.1:0",
  NWAY_WX_API_ADDR: "127.0.0.1:0",
  NWAY_WX_CALLS_CALLS_PER_MINUTE: "1000000",
  NWAY_WX_CALLS_CALLS_PER_MINUTE_PER_USER: "1000000",
};

test("two thousand calls leave no object and no timer on the heap", async () => {
  using folder = createFolder();
  const { config } = loadConfig({ cwd: folder.path, env: FREE_PORTS });
  const log = createLogger({ level: "error", write: (line) => process.stderr.write(line) });
  await using app = await startApp(config, log, systemClock);
  const addr = app.listening.find(({ name }) => name === "signaling")?.addr ?? "";
  const gateway = { urls: { signaling: `ws://${addr}/` } };

  await runCalls(gateway, WARM_UP_ROUNDS);
  const before = await countObjects();
  await runCalls(gateway, ROUNDS);
  // connections that have just ended linger for a second
  const after = await waitFor("no more timers than before", async () => {
    const counts = await countObjects();
    return counts.timers <= before.timers && counts;
  });
  console.log("objects on the heap", before, after);
  expect(after.all - before.all).toBeLessThan(MOST_NEW_OBJECTS);
}, 180_000);

async function runCalls(gateway: { urls: { signaling: string } }, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    await using lihao = await register(gateway, "lihao");
    await using nway = await register(gateway, "nway");
    const call = await connectCall(lihao, nway);
    if (round % SOUND_EVERY === 0) {
      await hear(call.caller.pull);
      (await pushTone(call.caller.push))[Symbol.dispose]();
    }
    await lihao.bye(call.sessionid);
    await nway.nextRequest("bye", call.sessionid);
  }
}

/** Until the first of what the gateway plays to a caller whose callee says nothing. */
async function hear(url: string): Promise<void> {
  const heard = Promise.withResolvers<void>();
  const player = await playRtmp(parseRtmpUrl(url), { onMedia: () => heard.resolve() });
  await within("sound", heard.promise);
  player.close();
}

/** Collects until nothing more goes. */
async function countObjects(): Promise<{ all: number; timers: number }> {
  let all = Number.POSITIVE_INFINITY;
  for (;;) {
    await new Promise(setImmediate);
    Bun.gc(true);
    const { objectCount, objectTypeCounts } = heapStats();
    if (objectCount >= all) return { all: objectCount, timers: objectTypeCounts.Timeout ?? 0 };
    all = objectCount;
  }
}
