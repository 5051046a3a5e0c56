import { setDefaultTimeout } from "bun:test";
import { startGateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { startCall } from "../calls/two-people.ts";
import { soundAndPicture } from "./live-samples.ts";
import { PacedPublisher, passMs } from "./paced.ts";
import { expectPlaying, openWebPlayers } from "./web-players.ts";

setDefaultTimeout(400_000);

/** Five minutes with LONG_CALL=1, for whoever has the time; half a minute in every run. */
const [TALK_MS, PAUSE_MS] = process.env.LONG_CALL === "1" ? [68_000, 8_000] : [5_000, 4_000];
const SAMPLE_MS = 25_000;

requirePrograms("chromium", "ffmpeg")(
  "a call with two pauses and a reconnect ends at the live edge in mpegts.js and flv.js",
  async () => {
    await using gateway = await startGateway({
      config: { settings: { use_video: true }, calls: { media_timeout_seconds: 600 } },
    });
    await using call = await startCall(gateway);
    await using browser = await openWebPlayers(gateway);
    const tags = await soundAndPicture();
    const { pathname, search } = new URL(call.callee.pull);
    browser.play(`http://127.0.0.1:${gateway.ports.flv}${pathname}.flv${search}`);

    const talk = async (publisher: PacedPublisher, forMs: number) => {
      for (let leftMs = forMs; leftMs > 0; leftMs -= SAMPLE_MS) {
        publisher.goOnWith(tags);
        await publisher.send(Math.min(leftMs, SAMPLE_MS));
      }
    };
    const pause = async (publisher: PacedPublisher) => {
      await passMs(PAUSE_MS);
      publisher.shiftMs += PAUSE_MS;
    };
    const first = await PacedPublisher.open(call.caller.push, tags);
    await talk(first, TALK_MS);
    await pause(first);
    await talk(first, TALK_MS);
    first[Symbol.dispose]();
    await passMs(PAUSE_MS / 2);
    using second = await PacedPublisher.open(call.caller.push, tags);
    await talk(second, TALK_MS);
    await pause(second);
    await talk(second, 2 * TALK_MS);
    await expectPlaying(browser, { sound: true, picture: true }, talk(second, 3_000));
  },
);
