import { expect, test } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { playFlv } from "../../../src/probe/flv-client.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { makeToneBody } from "../../../src/probe/test-sound.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { within } from "../../peers/wait.ts";
import { keyOf, readCalls, tokenOf } from "./gateway-state.ts";
import { connectCall, register } from "./two-people.ts";

const CALL_COUNT = 60;
/** So that the tone passes as it is: frame by frame. */
const HEARS_G711 = { appname: "hd-machine" };
/** For a machine that is busy with other things; `make bench` holds to the real figures. */
const SANE_MS = 1000;

test("sixty calls in a row are set up and carry their first frame", async () => {
  await using gateway = await startGateway({ config: { settings: { audio_codec: "g711a" } } });
  await using lihao = await register(gateway, "lihao", HEARS_G711);
  await using nway = await register(gateway, "nway", HEARS_G711);
  const setUpsMs: number[] = [];
  const firstFramesMs: Record<"rtmp" | "http", number[]> = { rtmp: [], http: [] };
  for (let round = 0; round < CALL_COUNT; round++) {
    const call = await connectCall(lihao, nway);
    setUpsMs.push(call.setUpMs);
    const way = round % 2 === 0 ? "rtmp" : "http";
    firstFramesMs[way].push(await measureFirstFrame(gateway, way, call.caller.push, call.callee.pull));
    await lihao.bye(call.sessionid);
    await nway.nextRequest("bye", call.sessionid);
  }
  console.log(`invite to invite: ${describe(setUpsMs)}`);
  console.log(`first frame to first frame over RTMP: ${describe(firstFramesMs.rtmp)}`);
  console.log(`first frame to first frame over HTTP-FLV: ${describe(firstFramesMs.http)}`);
  expect(Math.max(...setUpsMs, ...firstFramesMs.rtmp, ...firstFramesMs.http)).toBeLessThan(SANE_MS);
  expect(await readCalls(gateway)).toEqual([]);
}, 180_000);

/** The player is there first, as a mini-program's is. */
async function measureFirstFrame(
  gateway: Gateway,
  way: "rtmp" | "http",
  push: string,
  pull: string,
): Promise<number> {
  const heard = Promise.withResolvers<number>();
  const onAudio = () => heard.resolve(performance.now());
  const player =
    way === "rtmp"
      ? await playRtmp(parseRtmpUrl(pull), { onMedia: ({ typeId }) => typeId === TagType.audio && onAudio() })
      : await playFlv(gateway.urls.flv(keyOf(pull), tokenOf(pull)), {
          onTag: ({ type }) => type === TagType.audio && onAudio(),
        });
  const publisher = await publishRtmp(parseRtmpUrl(push));
  const sentMs = performance.now();
  publisher.sendAudio(0, makeToneBody());
  const firstFrameMs = (await within("the first frame", heard.promise)) - sentMs;
  publisher.close();
  player.close();
  return firstFrameMs;
}

function describe(valuesMs: readonly number[]): string {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, worst ${at(1)} ms of ${sorted.length}`;
}
