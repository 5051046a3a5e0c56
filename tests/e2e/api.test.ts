import { expect, test } from "bun:test";
import { CallList, HealthView, StreamList, UserList } from "../../src/servers/http/views.ts";
import { startGateway } from "../peers/gateway.ts";
import { startProcess } from "../peers/process.ts";
import { pathOf, requirePrograms } from "../peers/programs.ts";
import { waitFor } from "../peers/wait.ts";

const testWithFfmpeg = requirePrograms("ffmpeg");

async function read(url: string): Promise<unknown> {
  return await (await fetch(url)).json();
}

test("the executable answers on its API, idle", async () => {
  await using gateway = await startGateway();
  const { api } = gateway.urls;
  expect(HealthView.parse(await read(`${api}/healthz`)).counts).toMatchObject({
    calls: 0,
    streams: 0,
    users: 0,
  });
  expect(CallList.parse(await read(`${api}/api/calls`))).toEqual({ calls: [] });
  expect(StreamList.parse(await read(`${api}/api/streams`))).toEqual({ streams: [] });
  expect(UserList.parse(await read(`${api}/api/users`))).toEqual({ users: [] });
  expect(await read(`${api}/openapi.json`)).toMatchObject({ openapi: "3.1.0" });
});

testWithFfmpeg("a stream shows with its codec, publisher, player and bytes, then goes", async () => {
  await using gateway = await startGateway({ config: { media: { open: true, republish_seconds: 1 } } });
  const streams = async () => StreamList.parse(await read(`${gateway.urls.api}/api/streams`)).streams;
  {
    await using _publisher = startProcess(publish(gateway.urls.rtmp("shown")));
    const published = await waitFor("frames", async () =>
      (await streams()).find(({ audioCodec }) => audioCodec !== undefined),
    );
    expect(published).toMatchObject({ key: "shown", audioCodec: "AAC", publisher: { protocol: "rtmp" } });
    expect(published.publisher?.address).toBe("127.0.0.1");

    await using _player = startProcess(play(gateway.urls.flv("shown")));
    const played = await waitFor("a player", async () =>
      (await streams()).find(({ bytesOut }) => bytesOut > 0),
    );
    expect([played.playerCount, played.droppedFrames]).toEqual([1, 0]);
  }
  await waitFor("the stream to go", async () => (await streams()).length === 0);
});

function publish(url: string): string[] {
  const tone = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000"];
  return [pathOf("ffmpeg"), "-nostdin", "-v", "error", ...tone, "-c:a", "aac", "-f", "flv", url];
}

function play(url: string): string[] {
  return [pathOf("ffmpeg"), "-nostdin", "-v", "error", "-i", url, "-f", "null", "-"];
}
