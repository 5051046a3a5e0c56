import { expect, test } from "bun:test";
import { parseRtmpUrl, playRtmp } from "../../../src/probe/rtmp-client.ts";
import { FRAME_MS } from "../../../src/probe/test-sound.ts";
import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { pushTone } from "../calls/tone.ts";

const STOPPED_MS = 4_000;
/** In the first moment after it: what has come since, what had come before, and what is no older than networks make it. */
const MOMENT_MS = 500;
const MOST_OLD_MS = 600;

test("a gateway that was stopped hands on what is said then, not what was said meanwhile", async () => {
  await using gateway = await startGateway({ config: { media: { open: true } } });
  using _tone = await pushTone(gateway.urls.rtmp("key"));
  let count = 0;
  const player = await playRtmp(parseRtmpUrl(gateway.urls.rtmp("key")), {
    onMedia: ({ typeId }) => void (typeId === MessageType.audio && count++),
  });
  const passTime = async (ms: number) => {
    const dueMs = performance.now() + ms;
    await waitFor("the time to pass", () => performance.now() >= dueMs);
  };
  try {
    await waitFor("sound", () => count > 50);
    gateway.process.kill("SIGSTOP");
    await passTime(STOPPED_MS);
    const before = count;
    gateway.process.kill("SIGCONT");
    const startMs = performance.now();
    await passTime(MOMENT_MS);
    const mostMs = performance.now() - startMs + MOST_OLD_MS;
    expect(count - before).toBeGreaterThan(0);
    expect((count - before) * FRAME_MS).toBeLessThan(mostMs);
  } finally {
    player.close();
  }
});
