import { describe, expect, setDefaultTimeout } from "bun:test";
import type { Gateway } from "../../peers/gateway.ts";
import { type RunningProcess, startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { describeMedia, type FlvFile, isSequenceHeader } from "./flv-file.ts";
import {
  countEvents,
  newKey,
  startLaboratory,
  streamOf,
  waitForPlayers,
  waitForPublishers,
} from "./laboratory.ts";
import { curl, ffmpeg, type Recording, rtmpdump } from "./players.ts";
import { ffmpeg as ffmpegPublisher } from "./publishers.ts";
import { encode, FFMPEG, type Sample } from "./samples.ts";

setDefaultTimeout(30_000);

const SOUND = "-t 1 -c:a aac -b:a 64k";
const low = () => encode(`-f lavfi -i sine=frequency=300:sample_rate=48000 ${SOUND}`);
const high = () => encode(`-f lavfi -i sine=frequency=900:sample_rate=48000 ${SOUND}`);
const testWithPlayers = requirePrograms("ffmpeg", "curl", "rtmpdump");
const PLAYERS = [curl, rtmpdump, ffmpeg];

function publishForEver(gateway: Gateway, key: string, { path }: Sample): RunningProcess {
  const copy = ["-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f", "flv", gateway.urls.rtmp(key)];
  return startProcess([...FFMPEG, ...copy]);
}

async function startPlayers(
  gateway: Gateway,
  key: string,
  disposals: AsyncDisposableStack,
): Promise<Recording[]> {
  const recordings = PLAYERS.map((player) => disposals.use(player.record(gateway, key)));
  await waitForPlayers(gateway, key, recordings.length);
  return recordings;
}

/** Bodies of coded frames, without their times. */
function bodies(file: Pick<FlvFile, "tags">): string[] {
  const coded = file.tags.filter((tag) => !isSequenceHeader(tag));
  return describeMedia({ tags: coded }).map((line) => line.split(" ").at(-1) ?? "");
}

function expectRisingTimes(file: FlvFile): void {
  const times = file.tags.filter((tag) => tag.type === 8 && !isSequenceHeader(tag));
  for (const [index, { timestampMs }] of times.entries()) {
    const before = times[index - 1]?.timestampMs ?? -1;
    expect(timestampMs).toBeGreaterThan(before);
  }
}

describe("a second publisher of a stream", () => {
  testWithPlayers("takes it over: the first one is closed, players go on, time rises", async () => {
    await using gateway = await startLaboratory();
    await using disposals = new AsyncDisposableStack();
    const key = newKey();
    const recordings = await startPlayers(gateway, key, disposals);
    const first = disposals.use(publishForEver(gateway, key, await low()));
    await waitFor("the first publisher's sound", async () => {
      return ((await streamOf(gateway, key))?.bytesIn ?? 0) > 2000;
    });
    const bytesBefore = (await streamOf(gateway, key))?.bytesIn ?? 0;
    const second = disposals.use(publishForEver(gateway, key, await high()));
    await waitForPublishers(gateway, key, 2);
    await first.waitForExit();
    expect(countEvents(gateway, "stream.taken-over", key)).toBe(1);
    await waitFor("the second publisher's sound", async () => {
      return ((await streamOf(gateway, key))?.bytesIn ?? 0) > bytesBefore + 4000;
    });
    expect((await streamOf(gateway, key))?.playerCount).toBe(PLAYERS.length);
    second.kill("SIGINT");

    const [lowBodies, highBodies] = [new Set(bodies(await low())), new Set(bodies(await high()))];
    for (const recording of recordings) {
      const played = await recording.finish();
      expectRisingTimes(played);
      const voices = bodies(played).map((body) =>
        lowBodies.has(body) ? "low" : highBodies.has(body) && "high",
      );
      const change = voices.indexOf("high");
      expect(change).toBeGreaterThan(3);
      expect(voices).toEqual(voices.map((_, index) => (index < change ? "low" : "high")));
    }
  });
});

describe("a publisher that comes back", () => {
  testWithPlayers("within republish_seconds finds its players; after them they are let go", async () => {
    await using gateway = await startLaboratory({ republish_seconds: 2 });
    await using disposals = new AsyncDisposableStack();
    const key = newKey();
    const recordings = await startPlayers(gateway, key, disposals);
    await ffmpegPublisher.publish(gateway, key, await low());
    await waitFor("the publisher to leave", () => countEvents(gateway, "stream.left", key) === 1);
    await ffmpegPublisher.publish(gateway, key, await high());
    await waitFor("it to leave again", () => countEvents(gateway, "stream.left", key) === 2);
    expect((await streamOf(gateway, key))?.playerCount).toBe(PLAYERS.length);

    const sent = [...bodies(await low()), ...bodies(await high())];
    for (const recording of recordings) {
      const played = await recording.finish();
      expectRisingTimes(played);
      expect(bodies(played)).toEqual(sent);
    }
    expect(await streamOf(gateway, key)).toBeUndefined();
  });
});
