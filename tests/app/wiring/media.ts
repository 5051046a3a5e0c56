import { systemClock } from "../../../src/clock.ts";
import { playFlv } from "../../../src/probe/flv-client.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { FRAME_MS, makeToneBody } from "../../../src/probe/test-sound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { type Ini, RunningApp } from "../running-app.ts";
import { shareOfTone } from "./heard-sound.ts";
import type { Row } from "./row.ts";

const OPEN: Ini = { media: { open: "true" } };
const KEY = "wiring";
/** Twice an FLV tag of an H.264 key frame, too much for a kernel's buffers to hide a reader that stands still. */
const BIG_BODY = new Uint8Array(500_000);
BIG_BODY.set([0x17, 1]);

/** The media server. */
export const mediaRows: readonly Row[] = [
  { setting: "media.open", value: "true", observe: (ini) => mayPublish(ini), sees: true },
  {
    setting: "media.client_urls",
    value: "false",
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      await using lihao = await app.register("lihao");
      const url = rtmpUrl(app);
      const { response } = await lihao.invite("9196", { caller_url: url });
      if (response.data.code !== "200ok") throw new Error(response.data.msg);
      return await tryToPublish(url);
    },
    sees: false,
  },
  {
    setting: "media.slow_reader_ms",
    value: "321",
    beside: OPEN,
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      const publisher = await publishRtmp(parseRtmpUrl(rtmpUrl(app)));
      const player = await playFlv(flvUrl(app), { onTag: () => {} });
      player.pause();
      let timestampMs = 0;
      const timer = systemClock.every(FRAME_MS, () => {
        // What the gateway has not read yet is on its way.
        if (publisher.pendingByteCount > 0) return;
        timestampMs += FRAME_MS;
        publisher.sendVideo(timestampMs, BIG_BODY);
      });
      try {
        return await waitFor(
          "the slow player to be noted",
          () => /player\.slow .*limitMs=(\d+)/.exec(app.lines.join("\n"))?.[1],
        );
      } finally {
        timer.cancel();
        player.close();
        publisher.close();
      }
    },
    sees: "321",
  },
  {
    setting: "media.tones",
    value: "us",
    // The United States' ringing is 440 and 480 Hz at once, China's 450 Hz alone.
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      await using lihao = await app.register("lihao", { appname: "hd-machine" });
      await using _ = await app.register("nway");
      const { response } = await lihao.invite("nway", { caller_audio: "G711A" });
      return (await shareOfTone(450, response.data.callee_url ?? "")) > 0.9;
    },
    sees: false,
  },
  {
    setting: "media.republish_seconds",
    value: "4",
    beside: OPEN,
    async observe(ini) {
      const clock = new FakeClock();
      await using app = await RunningApp.start(ini, clock);
      const publisher = await publishRtmp(parseRtmpUrl(rtmpUrl(app)));
      publisher.sendAudio(0, makeToneBody());
      const closed = Promise.withResolvers<"closed">();
      const player = await playFlv(flvUrl(app), { onTag: () => {}, onClose: () => closed.resolve("closed") });
      publisher.close();
      const readStreams = async () => await (await app.ask("/api/streams")).text();
      await waitFor("the publisher to be gone", async () => !(await readStreams()).includes('"publisher"'));
      clock.advance(5000);
      // A stream that waits for its publisher is listed; one that gave up closes its players.
      const outcome = (await readStreams()).includes(KEY) ? "waiting" : await closed.promise;
      player.close();
      return outcome;
    },
    sees: "closed",
  },
  {
    setting: "media.max_connections",
    value: "1",
    beside: OPEN,
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      const first = await publishRtmp(parseRtmpUrl(rtmpUrl(app)));
      const second = await tryToPublish(rtmpUrl(app, "other"));
      first.close();
      return second;
    },
    sees: false,
  },
  {
    setting: "media.max_players",
    value: "1",
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      await using lihao = await app.register("lihao");
      const { response } = await lihao.invite("9197");
      const target = parseRtmpUrl(response.data.callee_url ?? "");
      const first = await playRtmp(target, { onMedia: () => {} });
      const isRefused = await playRtmp(target, { onMedia: () => {} }).then(
        (second) => {
          second.close();
          return false;
        },
        () => true,
      );
      first.close();
      return isRefused;
    },
    sees: true,
  },
];

function rtmpUrl(app: RunningApp, key = KEY): string {
  return `rtmp://${app.addr("rtmp")}/live/${key}`;
}

function flvUrl(app: RunningApp): string {
  return `http://${app.addr("flv")}/live/${KEY}.flv`;
}

async function mayPublish(ini: Ini): Promise<boolean> {
  await using app = await RunningApp.start(ini);
  return await tryToPublish(rtmpUrl(app));
}

/** Without a token. */
async function tryToPublish(url: string): Promise<boolean> {
  try {
    (await publishRtmp(parseRtmpUrl(url))).close();
    return true;
  } catch {
    return false;
  }
}
