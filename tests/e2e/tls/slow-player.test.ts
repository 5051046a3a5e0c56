import { expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/clock.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { FRAME_MS, makeToneBody, readToneIndex } from "../../../src/probe/test-sound.ts";
import { waitFor } from "../../peers/wait.ts";
import { newKey } from "../media/laboratory.ts";
import { startSecureGateway } from "./secure-gateway.ts";

setDefaultTimeout(30_000);

const TRUST = { rejectUnauthorized: false };
const LOST_FRAMES = 50;
/** On a machine that is busy with other things; measured: 80 ms. */
const FRESH_FRAMES = 1000 / FRAME_MS;

test("a player over rtmps that stops reading loses old frames and gets fresh ones", async () => {
  await using gateway = await startSecureGateway({ media: { open: true } });
  const target = parseRtmpUrl(gateway.urls.rtmp(newKey()), TRUST);
  const heard: number[] = [];
  const player = await playRtmp(target, {
    onMedia({ typeId, payload }) {
      const index = typeId === TagType.audio ? readToneIndex(payload) : undefined;
      if (index !== undefined) heard.push(index);
    },
  });
  const publisher = await publishRtmp(target);
  let sent = 0;
  const talk = systemClock.every(FRAME_MS, () => publisher.sendAudio(sent * FRAME_MS, makeToneBody(sent++)));
  // A peer is judged by its pings once it has answered one.
  await waitFor("a second of sound", () => heard.length > 1000 / FRAME_MS);
  player.pause();
  await waitFor("lost frames", () => gateway.log().includes(" warn player.slow "));
  const lostFrom = sent;
  await waitFor("more of them", () => sent > lostFrom + LOST_FRAMES);
  player.resume();
  const resumedAt = sent;
  await waitFor("the present", () => (heard.at(-1) ?? 0) >= resumedAt);
  talk.cancel();
  const gaps = heard.slice(1).map((index, at) => index - (heard[at] ?? 0) - 1);
  expect(Math.max(...gaps)).toBeGreaterThan(LOST_FRAMES);
  const behindGap = heard[gaps.indexOf(Math.max(...gaps)) + 1] ?? 0;
  expect(resumedAt - behindGap).toBeLessThan(FRESH_FRAMES);
  publisher.close();
  player.close();
});
