import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { parseRtmpUrl, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { fromHex } from "../../protocols/fixtures.ts";
import { describeMedia } from "./flv-file.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { curl, type Player, webSocket } from "./players.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const sound = (hex: string, timestampMs = 0): Tag => ({
  ...{ type: TagType.audio, timestampMs, body: fromHex(hex) },
});
const picture = (hex: string): Tag => ({ type: TagType.video, timestampMs: 0, body: fromHex(hex) });

/** What publishers send, and what every player can read of it. */
const ROWS: ReadonlyArray<{ name: string; sent: readonly Tag[]; played: readonly Tag[] }> = [
  {
    name: "AAC in ADTS",
    sent: [sound("af01 fff16080 0160fc 214a6c00"), sound("af01 fff16080 0160fc 214a6d00", 64)],
    played: [sound("af00 1410"), sound("af01 214a6c00"), sound("af01 214a6d00", 64)],
  },
  {
    name: "AAC of Enhanced RTMP",
    sent: [sound("90 6d703461 1188"), sound("91 6d703461 2110")],
    played: [sound("af00 1188"), sound("af01 2110")],
  },
  {
    name: "AVC of Enhanced RTMP",
    sent: [picture("90 61766331 0164"), picture("91 61766331 000028 0000000165")],
    played: [picture("1700 000000 0164"), picture("1701 000028 0000000165")],
  },
];

async function play(player: Player, tags: readonly Tag[]) {
  const key = newKey();
  await using recording = player.record(gateway, key);
  await waitForPlayers(gateway, key);
  const publisher = await publishRtmp(parseRtmpUrl(gateway.urls.rtmp(key)));
  for (const { type, timestampMs, body } of tags) {
    if (type === TagType.audio) publisher.sendAudio(timestampMs, body);
    else publisher.sendVideo(timestampMs, body);
  }
  publisher.close();
  return await recording.finish();
}

for (const { name, sent, played } of ROWS) {
  for (const player of [curl, webSocket]) {
    requirePrograms(...player.programs)(`${name} reaches ${player.name} in its plain form`, async () => {
      expect(describeMedia(await play(player, sent))).toEqual(describeMedia({ tags: played }));
    });
  }
}
