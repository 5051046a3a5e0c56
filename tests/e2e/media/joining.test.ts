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
const LAST_GOP = [avcKey(1000), aacFrame(1010), avcDelta(1040), aacFrame(1033)];

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
      const next = [aacFrame(1056), avcDelta(1080), aacFrame(1080)];
      const played = await join(player, [ABOUT, ...HEADERS, ...FIRST_GOP, ...LAST_GOP], next);
      const expected = [...HEADERS, avcKey(1000), avcDelta(1040), ...next];
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

  testWithCurl("may be absent", async () => {
    const played = await join(curl, [], sound);
    expect(metadataCount(played)).toBe(0);
    expect(describeMedia(played)).toEqual(describeMedia({ tags: sound }));
  });

  testWithCurl("that comes late passes at its place, and first to whoever joins then", async () => {
    const late = metadata({ audiocodecid: 10 }, 23);
    expect((await join(curl, [], [...sound, late, aacFrame(46)])).tags).toEqual([
      ...sound,
      late,
      aacFrame(46),
    ]);
    expect((await join(curl, [...sound, late], [aacFrame(46)])).tags).toEqual([
      late,
      aacHeader(),
      aacFrame(46),
    ]);
  });

  requirePrograms("curl", "rtmpdump")("that comes twice passes twice; the newer one is kept", async () => {
    const newer = metadata({ audiocodecid: 10, encoder: "newer" }, 23);
    const twice = [ABOUT, ...sound, newer];
    expect(metadataCount(await join(rtmpdump, [], [...twice, aacFrame(46)]))).toBe(2);
    expect((await join(curl, twice, [aacFrame(46)])).tags).toEqual([newer, aacHeader(), aacFrame(46)]);
  });

  testWithCurl("that promises tracks that are not there does not set the header's flags", async () => {
    const played = await join(curl, [], [ABOUT, ...sound]);
    expect(played.flags).toBe(4);
    expect(describeMedia(played)).toEqual(describeMedia({ tags: sound }));
  });

  testWithCurl("that nobody can read passes and harms nothing", async () => {
    const junk = { type: TagType.script, timestampMs: 0, body: Uint8Array.of(2, 0xff, 0xff, 0x41) };
    expect((await join(curl, [], [junk, ...sound])).tags).toEqual([junk, ...sound]);
  });
});

requirePrograms("curl")("a track that joins later is announced to those who come after it", async () => {
  const key = newKey();
  const sound = [aacHeader(), aacFrame(0), aacFrame(23)];
  const picture = [avcHeader(40), avcKey(40)];
  await using publisher = publishLive(gateway, key);
  await using early = webSocket.record(gateway, key);
  await waitForPlayers(gateway, key);
  await publisher.send(...sound);
  await waitFor("sound at the player", async () => (await early.read()).tags.length === sound.length);
  await publisher.send(...picture);
  await using late = curl.record(gateway, key);
  await waitForPlayers(gateway, key, 2);
  await publisher.send(aacFrame(46));
  await publisher.finish();

  const [heard, seen] = [await early.finish(), await late.finish()];
  expect([heard.flags, seen.flags]).toEqual([4, 5]);
  expect(heard.tags).toEqual([...sound, ...picture, aacFrame(46)]);
  expect(seen.tags).toEqual([avcHeader(40), aacHeader(), avcKey(40), aacFrame(46)]);
});
