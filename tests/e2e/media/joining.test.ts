import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { describeMedia, metadataCount } from "./flv-file.ts";
import { aacFrame, aacHeader, avcDelta, avcHeader, avcKey, metadata } from "./handmade.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { publishLive } from "./live-curl.ts";
import { curl, type Player, rtmpdump, webSocket } from "./players.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ABOUT = metadata({ width: 64, height: 48, audiocodecid: 10, videocodecid: 7 });
const HEADERS = [avcHeader(), aacHeader()];
const FIRST_GOP = [avcKey(0), aacFrame(0), aacFrame(23), avcDelta(40), aacFrame(46)];
const LAST_GOP = [avcKey(400), aacFrame(410), avcDelta(440), aacFrame(433)];

/** What a player gets that joins between the two lists. */
async function join(player: Player, before: readonly Tag[], after: readonly Tag[]) {
  const key = newKey();
  await using publisher = publishLive(gateway, key);
  await publisher.send(...before);
  await using recording = player.record(gateway, key);
  await waitForPlayers(gateway, key);
  await publisher.send(...after);
  expect(await publisher.finish()).toBe("200");
  return await recording.finish();
}

for (const player of [curl, rtmpdump, webSocket]) {
  describe(`whoever joins late by ${player.name}`, () => {
    requirePrograms("curl", ...player.programs)("starts with headers and the last key frame", async () => {
      const next = [aacFrame(456), avcDelta(480), aacFrame(480)];
      const played = await join(player, [ABOUT, ...HEADERS, ...FIRST_GOP, ...LAST_GOP], next);
      const expected = [...HEADERS, avcKey(400), avcDelta(440), ...next];
      expect(describeMedia(played)).toEqual(describeMedia({ tags: expected }));
      expect(metadataCount(played)).toBe(1);
    });

    requirePrograms("curl", ...player.programs)("hears the next frame and none before it", async () => {
      const spoken = [0, 23, 46, 70, 93].map(aacFrame);
      const played = await join(player, [aacHeader(), ...spoken], [aacFrame(116)]);
      expect(describeMedia(played)).toEqual(describeMedia({ tags: [aacHeader(), aacFrame(116)] }));
    });

    requirePrograms("curl", ...player.programs)("waits for a key frame if there was none", async () => {
      const next = [avcDelta(80), aacFrame(90), avcKey(120), avcDelta(160)];
      const played = await join(player, [...HEADERS, avcDelta(0), avcDelta(40)], next);
      expect(describeMedia(played)).toEqual(
        describeMedia({ tags: [...HEADERS, aacFrame(90), avcKey(120), avcDelta(160)] }),
      );
    });
  });
}

describe("metadata", () => {
  const testWithCurl = requirePrograms("curl");
  const sound = [aacHeader(), aacFrame(0), aacFrame(23)];
  const own = metadata({
    audiocodecid: 10,
    audiosamplerate: 44_100,
    audiosamplesize: 16,
    stereo: true,
  });

  testWithCurl(
    "is the gateway's own, whether or not the publisher sends any, and says what there is",
    async () => {
      expect((await join(curl, [], sound)).tags).toEqual([own, ...sound]);
      const played = await join(curl, [], [ABOUT, aacHeader(), aacFrame(0), ...picture(10), aacFrame(23)]);
      expect(played.flags).toBe(5);
      expect(played.tags[0]?.body).toEqual(Buffer.from(metadataOfBoth().body));
    },
  );

  testWithCurl("that comes late, twice or is no metadata at all does not pass, nor harm", async () => {
    const late = metadata({ audiocodecid: 10, encoder: "newer" }, 23);
    expect((await join(curl, [], [...sound, late, late, aacFrame(46)])).tags).toEqual([
      ...[own, ...sound, aacFrame(46)],
    ]);
    expect((await join(curl, [...sound, late], [aacFrame(46)])).tags).toEqual([
      own,
      aacHeader(),
      aacFrame(46),
    ]);
  });

  testWithCurl("that promises a picture which never comes holds the sound up for a moment only", async () => {
    const key = newKey();
    await using publisher = publishLive(gateway, key);
    await using recording = curl.record(gateway, key);
    await waitForPlayers(gateway, key);
    await publisher.send(ABOUT, avcHeader(), aacHeader(), aacFrame(0));
    await waitFor("the header", async () => (await recording.read()).tags.length > 0);
    await publisher.send(aacFrame(23));
    await publisher.finish();
    const played = await recording.finish();
    expect(played.flags).toBe(4);
    expect(played.tags).toEqual([own, aacHeader(), aacFrame(23)]);
  });

  testWithCurl("data that nobody can read passes and harms nothing", async () => {
    const junk = { type: TagType.script, timestampMs: 0, body: Uint8Array.of(2, 0xff, 0xff, 0x41) };
    expect((await join(curl, [], [junk, ...sound])).tags).toEqual([own, junk, ...sound]);
  });
});

requirePrograms("curl")(
  "a track that joins later ends the connection, and is there after the next one",
  async () => {
    const key = newKey();
    await using publisher = publishLive(gateway, key);
    await using early = curl.record(gateway, key);
    await waitForPlayers(gateway, key);
    await publisher.send(aacHeader(), aacFrame(0), aacFrame(23));
    await waitFor("sound at the player", async () => (await early.read()).tags.length === 4);
    await publisher.send(...picture(40));
    const heard = await early.finish();
    expect(heard.flags).toBe(4);
    expect(describeMedia(heard)).toEqual(describeMedia({ tags: [aacHeader(), aacFrame(0), aacFrame(23)] }));
    await using late = webSocket.record(gateway, key);
    await waitForPlayers(gateway, key, 2);
    await publisher.send(aacFrame(46));
    await publisher.finish();
    const seen = await late.finish();
    expect(seen.flags).toBe(5);
    expect(seen.tags.slice(1)).toEqual([avcHeader(40), aacHeader(), avcKey(40), aacFrame(46)]);
  },
);

requirePrograms("curl")("another picture size ends the connection", async () => {
  const key = newKey();
  await using publisher = publishLive(gateway, key);
  await using early = curl.record(gateway, key);
  await waitForPlayers(gateway, key);
  await publisher.send(...picture(0), aacHeader(), aacFrame(0));
  await waitFor("a picture at the player", async () => (await early.read()).tags.length === 5);
  const turned = avcHeader(80);
  turned.body[8] = 0x0b;
  await publisher.send(turned, avcKey(80));
  const seen = await early.finish();
  expect(describeMedia(seen)).toEqual(describeMedia({ tags: [...picture(0), aacHeader(), aacFrame(0)] }));
  await publisher.finish();
});

function picture(timestampMs: number): readonly Tag[] {
  return [avcHeader(timestampMs), avcKey(timestampMs)];
}

function metadataOfBoth(): Tag {
  return metadata({
    ...{ audiocodecid: 10, audiosamplerate: 44_100, audiosamplesize: 16, stereo: true },
    videocodecid: 7,
  });
}
