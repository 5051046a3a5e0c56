import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../src/clock.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { playFlv } from "../../../src/probe/flv-client.ts";
import { FRAME_MS, makeToneBody, readToneIndex } from "../../../src/probe/test-sound.ts";
import { encodeFlvHeader, encodeTag } from "../../../src/protocols/flv/tag.ts";
import { findSound } from "../../peers/correlation.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, readStreams, tokenOf, waitForStream } from "./gateway-state.ts";
import { decodeSound, makeFolder, pushSpeech, recordWithFfmpeg, speak } from "./speech.ts";
import { connectCall, register, startCall } from "./two-people.ts";

const LIHAO_SAYS = "The quick brown fox jumps over the lazy dog while seven sailors sing.";
const NWAY_SAYS = "Please connect me with the workshop, my order number is four two nine.";
const SAME = 0.95;
const OTHER = 0.3;

/** The manual's comments say push for caller_url and pull for callee_url, and do not say of whom. */
requirePrograms("ffmpeg", "espeak-ng").each([
  ["RTMP", (_: Gateway, url: string) => url],
  ["HTTP-FLV", (gateway: Gateway, url: string) => gateway.urls.flv(keyOf(url), tokenOf(url))],
] as const)(
  "a called client that reads the two URLs as the caller does talks over %s",
  async (_, reach) => {
    using folder = makeFolder();
    const [lihaoSpeech, nwaySpeech] = await Promise.all([
      speak(folder.path, "en", LIHAO_SAYS),
      speak(folder.path, "en+f3", NWAY_SAYS),
    ]);
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    const { caller, callee } = call;
    const [callerUrl, calleeUrl] = [callee.pull, callee.push];
    const heardByLihao = join(folder.path, "lihao.flv");
    const heardByNway = join(folder.path, "nway.flv");
    await using lihaoListens = recordWithFfmpeg(caller.pull, heardByLihao);
    await using nwayListens = recordWithFfmpeg(reach(gateway, calleeUrl), heardByNway);
    await waitForStream(gateway, caller.pull, "a player", ({ playerCount }) => playerCount === 1);
    await waitForStream(gateway, caller.push, "a player", ({ playerCount }) => playerCount === 1);

    await using lihaoSpeaks = pushSpeech(caller.push, lihaoSpeech);
    await using nwaySpeaks = pushSpeech(reach(gateway, callerUrl), nwaySpeech);
    expect(await Promise.all([lihaoSpeaks.waitForExit(30_000), nwaySpeaks.waitForExit(30_000)])).toEqual([
      0, 0,
    ]);
    await caller.client.bye(call.sessionid);
    expect(await Promise.all([lihaoListens.waitForExit(), nwayListens.waitForExit()])).toEqual([0, 0]);

    const [atLihao, atNway] = await Promise.all([decodeSound(heardByLihao), decodeSound(heardByNway)]);
    expect(findSound(nwaySpeech.samples, atLihao).likeness).toBeGreaterThanOrEqual(SAME);
    expect(findSound(lihaoSpeech.samples, atNway).likeness).toBeGreaterThanOrEqual(SAME);
    expect(findSound(nwaySpeech.samples, atNway).likeness).toBeLessThan(OTHER);
  },
  60_000,
);

test("the same over WebSockets, and nobody hears itself", async () => {
  await using gateway = await startGateway();
  // Each hears what the other pushes, as it is.
  await using lihao = await register(gateway, "lihao", { appname: "hd-machine" });
  await using nway = await register(gateway, "nway", { appname: "hd-machine" });
  const { caller, callee } = await connectCall(lihao, nway);
  const reach = (url: string) => gateway.urls.webSocketFlv(keyOf(url), tokenOf(url));
  await using stack = new AsyncDisposableStack();
  await speakOver(reach(caller.push), LIHAO_FROM, stack);
  await speakOver(reach(callee.pull), NWAY_FROM, stack);
  for (const { push } of [caller, callee])
    await waitForStream(gateway, push, "sound", ({ audioCodec }) => audioCodec === "G711A");
  const atLihao = await listen(reach(caller.pull), stack);
  const atNway = await listen(reach(callee.push), stack);
  await waitFor("both to hear", () => [atLihao, atNway].every((heard) => heard.length > 50));
  expect(atLihao.filter((index) => index < NWAY_FROM)).toEqual([]);
  expect(atNway.filter((index) => index >= NWAY_FROM)).toEqual([]);
  expect((await readStreams(gateway)).map(({ playerCount }) => playerCount)).toEqual([1, 1]);
});

/** By the numbers of its frames it is known who speaks. */
const LIHAO_FROM = 0;
const NWAY_FROM = 1_000_000;

/** The numbers of the frames that are heard. */
async function listen(url: string, stack: AsyncDisposableStack): Promise<number[]> {
  const heard: number[] = [];
  const player = await playFlv(url, {
    onTag({ type, body }) {
      const index = type === TagType.audio ? readToneIndex(body) : undefined;
      if (index !== undefined) heard.push(index);
    },
  });
  stack.defer(() => player.close());
  return heard;
}

async function speakOver(url: string, from: number, stack: AsyncDisposableStack): Promise<void> {
  const socket = new WebSocket(`${url}&action=publish`);
  stack.defer(() => socket.close());
  await waitFor("the WebSocket to open", () => socket.readyState === WebSocket.OPEN);
  socket.send(encodeFlvHeader({ audio: true, video: false }));
  let count = 0;
  const timer = systemClock.every(FRAME_MS, () => {
    const body = makeToneBody(from + count);
    socket.send(encodeTag({ type: TagType.audio, timestampMs: count++ * FRAME_MS, body }));
  });
  stack.defer(() => timer.cancel());
}
