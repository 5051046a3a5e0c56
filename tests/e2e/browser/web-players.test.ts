import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { isSequenceHeader } from "../media/flv-file.ts";
import { metadata } from "../media/handmade.ts";
import { newKey, startLaboratory, waitForPlayers } from "../media/laboratory.ts";
import { soundAndPicture, soundAt } from "./live-samples.ts";
import { PacedPublisher, passMs } from "./paced.ts";
import { expectPlaying, openWebPlayers, type WebPlayers } from "./web-players.ts";

setDefaultTimeout(60_000);

const testWithBrowser = requirePrograms("chromium", "ffmpeg");

let gateway: Gateway;
let browser: WebPlayers;
beforeAll(async () => {
  gateway = await startLaboratory({ republish_seconds: 15 });
  browser = await openWebPlayers(gateway);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const isSound = ({ type }: Tag) => type === TagType.audio;
const isPicture = ({ type }: Tag) => type === TagType.video;

/** Both players wait for the stream that comes to be published. */
async function playThenPublish(tags: readonly Tag[]): Promise<{ key: string; publisher: PacedPublisher }> {
  const key = newKey();
  browser.play(gateway.urls.flv(key));
  await waitForPlayers(gateway, key, 2);
  return { key, publisher: await PacedPublisher.open(gateway.urls.rtmp(key), tags) };
}

describe("mpegts.js and flv.js stay at the live edge", () => {
  testWithBrowser("over a pause of the publisher, and when it connects again", async () => {
    const { key, publisher } = await playThenPublish(await soundAndPicture());
    await publisher.send(2_000);
    await passMs(3_000);
    publisher.shiftMs = 3_000;
    await publisher.send(1_000);
    await expectPlaying(browser, { sound: true, picture: true }, publisher.send(2_000));
    publisher[Symbol.dispose]();
    await passMs(3_000);
    using next = await PacedPublisher.open(gateway.urls.rtmp(key), await soundAndPicture());
    await next.send(1_000);
    await expectPlaying(browser, { sound: true, picture: true }, next.send(2_000));
    expect(browser.shown().map(({ loads }) => loads)).toEqual([1, 1]);
  });

  for (const { name, startMs, stepMs } of [
    { name: "back by 10 s", startMs: 60_000, stepMs: -10_000 },
    { name: "forth by an hour", startMs: 0, stepMs: 3_600_000 },
    { name: "over the middle of 32 bits", startMs: 0x7fff_ff00, stepMs: 0 },
  ]) {
    testWithBrowser(`over a clock that steps ${name}`, async () => {
      const { publisher } = await playThenPublish(await soundAndPicture());
      using _publisher = publisher;
      publisher.shiftMs = startMs;
      await publisher.send(2_000);
      publisher.shiftMs += stepMs;
      await publisher.send(500);
      await expectPlaying(browser, { sound: true, picture: true }, publisher.send(2_000));
      expect(browser.shown().map(({ loads }) => loads)).toEqual([1, 1]);
    });
  }
});

describe("mpegts.js and flv.js play what there is", () => {
  for (const { name, isMuted, expected } of [
    { name: "picture", isMuted: isPicture, expected: { sound: true, picture: false } },
    { name: "sound", isMuted: isSound, expected: { sound: false, picture: true } },
  ]) {
    testWithBrowser(`where the header of the ${name} has no frames`, async () => {
      const { publisher } = await playThenPublish(await soundAndPicture());
      using _publisher = publisher;
      const wants = (tag: Tag) => !isMuted(tag) || isSequenceHeader(tag);
      await publisher.send(3_000, wants);
      await expectPlaying(browser, expected, publisher.send(2_000, wants));
    });
  }

  testWithBrowser("where metadata names a picture that is not there", async () => {
    const about = metadata({ audiocodecid: 10, videocodecid: 7, width: 320, height: 240 });
    const { publisher } = await playThenPublish([about, ...(await soundAt(48_000)).filter(isSound)]);
    using _publisher = publisher;
    await publisher.send(3_000);
    await expectPlaying(browser, { sound: true, picture: false }, publisher.send(2_000));
  });

  for (const { name, isLate, lateMs } of [
    { name: "picture", isLate: isPicture, lateMs: 200 },
    { name: "picture", isLate: isPicture, lateMs: 1_500 },
    { name: "picture", isLate: isPicture, lateMs: 3_000 },
    { name: "sound", isLate: isSound, lateMs: 1_500 },
  ]) {
    testWithBrowser(`where the ${name} comes ${lateMs} ms late`, async () => {
      const tags = await soundAndPicture();
      const header = tags.find((tag) => isLate(tag) && isSequenceHeader(tag));
      const { publisher } = await playThenPublish(tags);
      using _publisher = publisher;
      await publisher.send(lateMs, (tag) => !isLate(tag));
      if (header !== undefined) publisher.sendNow({ ...header, timestampMs: lateMs });
      await publisher.send(2_000);
      await expectPlaying(browser, { sound: true, picture: true }, publisher.send(2_000));
    });
  }
});

describe("mpegts.js and flv.js go on", () => {
  testWithBrowser("when the picture's size changes", async () => {
    const { publisher } = await playThenPublish(await soundAndPicture());
    using _publisher = publisher;
    await publisher.send(2_000);
    publisher.goOnWith(await soundAndPicture("240x320"));
    await publisher.send(2_000);
    await expectPlaying(browser, { sound: true, picture: true }, publisher.send(2_000));
    await waitFor("the new size", () => browser.shown().every(({ width }) => width === 240));
  });

  for (const [from, to] of [
    [48_000, 16_000],
    [16_000, 48_000],
    [44_100, 16_000],
  ] as const) {
    testWithBrowser(`when sound changes from ${from} to ${to} Hz`, async () => {
      const { publisher } = await playThenPublish(await soundAt(from));
      using _publisher = publisher;
      await publisher.send(2_000);
      publisher.goOnWith(await soundAt(to));
      await publisher.send(1_000);
      await expectPlaying(browser, { sound: true, picture: false }, publisher.send(2_000));
      expect(browser.shown().map(({ loads }) => loads)).toEqual([1, 1]);
    });
  }
});
