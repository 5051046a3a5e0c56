import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { isSequenceHeader } from "./flv-file.ts";
import { metadata } from "./handmade.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { PacedPublisher, passMs } from "./paced.ts";
import { encode } from "./samples.ts";
import { openWebPlayers, type Shown, type WebPlayers } from "./web-players.ts";

setDefaultTimeout(60_000);

const testWithBrowser = requirePrograms("chromium", "ffmpeg");
/** Distance to the live edge. */
const MOST_BEHIND_MS = 1_000;

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

const sound = (rate = 48_000) => `-f lavfi -i sine=frequency=440:sample_rate=${rate}`;
const picture = (size = "320x240") => `-f lavfi -i testsrc2=size=${size}:rate=15`;
const AAC = "-c:a aac -b:a 48k";
const H264 = "-c:v libx264 -preset ultrafast -tune zerolatency -g 15 -pix_fmt yuv420p";

const both = async (size?: string) => (await encode(`${picture(size)} ${sound()} -t 30 ${AAC} ${H264}`)).tags;
const soundAt = async (rate: number) => (await encode(`${sound(rate)} -t 30 ${AAC}`)).tags;

const isSound = ({ type }: Tag) => type === TagType.audio;
const isPicture = ({ type }: Tag) => type === TagType.video;

/** Both players wait for the stream that comes to be published. */
async function playThenPublish(tags: readonly Tag[]): Promise<{ key: string; publisher: PacedPublisher }> {
  const key = newKey();
  browser.play(gateway.urls.flv(key));
  await waitForPlayers(gateway, key, 2);
  return { key, publisher: await PacedPublisher.open(gateway, key, tags) };
}

/** Both players hear and see what is sent during `sending`, close to the live edge. */
async function expectPlaying(
  what: { sound: boolean; picture: boolean },
  sending: Promise<void>,
): Promise<void> {
  const before = browser.shown();
  await sending;
  const after = browser.shown();
  expect(after.map(({ name }) => name)).toEqual(["mpegts.js", "flv.js"]);
  for (const [index, now] of after.entries()) {
    const then = before[index];
    const context = `${now.name}: ${JSON.stringify({ then, now })}`;
    expect([context, isAhead(now, then, ({ audioByteCount }) => audioByteCount)]).toEqual([
      context,
      what.sound,
    ]);
    expect([context, isAhead(now, then, ({ frameCount }) => frameCount)]).toEqual([context, what.picture]);
    expect([context, now.behindMs <= MOST_BEHIND_MS]).toEqual([context, true]);
    expect([context, isAhead(now, then, ({ playedMs }) => playedMs)]).toEqual([context, true]);
  }
}

/** What a player counts begins at 0 where it loads again. */
function isAhead(now: Shown, then: Shown | undefined, count: (shown: Shown) => number): boolean {
  const before = then === undefined || then.loads !== now.loads ? 0 : count(then);
  return count(now) > before;
}

describe("mpegts.js and flv.js stay at the live edge", () => {
  testWithBrowser("over a pause of the publisher, and when it connects again", async () => {
    const { key, publisher } = await playThenPublish(await both());
    await publisher.send(2_000);
    await passMs(3_000);
    publisher.shiftMs = 3_000;
    await publisher.send(1_000);
    await expectPlaying({ sound: true, picture: true }, publisher.send(2_000));
    publisher[Symbol.dispose]();
    await passMs(3_000);
    using next = await PacedPublisher.open(gateway, key, await both());
    await next.send(1_000);
    await expectPlaying({ sound: true, picture: true }, next.send(2_000));
    expect(browser.shown().map(({ loads }) => loads)).toEqual([1, 1]);
  });

  for (const { name, startMs, stepMs } of [
    { name: "back by 10 s", startMs: 60_000, stepMs: -10_000 },
    { name: "forth by an hour", startMs: 0, stepMs: 3_600_000 },
    { name: "over the middle of 32 bits", startMs: 0x7fff_ff00, stepMs: 0 },
  ]) {
    testWithBrowser(`over a clock that steps ${name}`, async () => {
      const { publisher } = await playThenPublish(await both());
      using _publisher = publisher;
      publisher.shiftMs = startMs;
      await publisher.send(2_000);
      publisher.shiftMs += stepMs;
      await publisher.send(500);
      await expectPlaying({ sound: true, picture: true }, publisher.send(2_000));
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
      const { publisher } = await playThenPublish(await both());
      using _publisher = publisher;
      const wants = (tag: Tag) => !isMuted(tag) || isSequenceHeader(tag);
      await publisher.send(3_000, wants);
      await expectPlaying(expected, publisher.send(2_000, wants));
    });
  }

  testWithBrowser("where metadata names a picture that is not there", async () => {
    const about = metadata({ audiocodecid: 10, videocodecid: 7, width: 320, height: 240 });
    const { publisher } = await playThenPublish([about, ...(await soundAt(48_000)).filter(isSound)]);
    using _publisher = publisher;
    await publisher.send(3_000);
    await expectPlaying({ sound: true, picture: false }, publisher.send(2_000));
  });

  for (const { name, isLate, lateMs } of [
    { name: "picture", isLate: isPicture, lateMs: 200 },
    { name: "picture", isLate: isPicture, lateMs: 1_500 },
    { name: "picture", isLate: isPicture, lateMs: 3_000 },
    { name: "sound", isLate: isSound, lateMs: 1_500 },
  ]) {
    testWithBrowser(`where the ${name} comes ${lateMs} ms late`, async () => {
      const tags = await both();
      const header = tags.find((tag) => isLate(tag) && isSequenceHeader(tag));
      const { publisher } = await playThenPublish(tags);
      using _publisher = publisher;
      await publisher.send(lateMs, (tag) => !isLate(tag));
      if (header !== undefined) publisher.sendNow({ ...header, timestampMs: lateMs });
      await publisher.send(2_000);
      await expectPlaying({ sound: true, picture: true }, publisher.send(2_000));
    });
  }
});

describe("mpegts.js and flv.js go on", () => {
  testWithBrowser("when the picture's size changes", async () => {
    const { publisher } = await playThenPublish(await both());
    using _publisher = publisher;
    await publisher.send(2_000);
    publisher.goOnWith(await both("240x320"));
    await publisher.send(2_000);
    await expectPlaying({ sound: true, picture: true }, publisher.send(2_000));
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
      await expectPlaying({ sound: true, picture: false }, publisher.send(2_000));
      expect(browser.shown().map(({ loads }) => loads)).toEqual([1, 1]);
    });
  }
});
