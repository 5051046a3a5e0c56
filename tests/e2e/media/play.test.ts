import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Gateway } from "../../peers/gateway.ts";
import { runProcess, startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { describePlayed, readFlv } from "./flv-file.ts";
import { newKey, startLaboratory, waitForPlayers, waitForPublishers } from "./laboratory.ts";
import * as players from "./players.ts";
import { ffmpeg as ffmpegPublisher } from "./publishers.ts";
import { FFMPEG, pictureOnly, type Sample, shifted, soundAndPicture, soundOnly } from "./samples.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** 24 bits of milliseconds end at 16,777,215: the lower limit of what needs an extended timestamp. */
const LAST_24_BIT_MS = 0xffffff;

const timelines: Readonly<Record<string, number>> = {
  "from zero": 0,
  "across 24 bits": LAST_24_BIT_MS - 1000,
  "extended throughout": LAST_24_BIT_MS + 100_000,
};

for (const player of Object.values(players)) {
  describe(`${player.name} waits for the publisher and plays every frame, bit by bit, with`, () => {
    for (const [timeline, startMs] of Object.entries(timelines)) {
      requirePrograms("ffmpeg", ...player.programs)(`timestamps ${timeline}`, async () => {
        const sample = await shifted(await soundAndPicture(), startMs);
        const key = newKey();
        await using recording = player.record(gateway, key);
        await waitForPlayers(gateway, key);
        await ffmpegPublisher.publish(gateway, key, sample);
        const sent = describePlayed(sample);
        const received = describePlayed(await recording.finish());
        const lostCount = Math.min(sent.length - received.length, player.mayLoseAtEnd ?? 0);
        expect(received).toEqual(sent.slice(0, sent.length - lostCount));
        expect(recording.said()).toBe("");
      });
    }
  });
}

requirePrograms("ffmpeg", "ffprobe")(
  "ffprobe finds the tracks and has nothing to complain about",
  async () => {
    const cases = [
      { sample: await soundOnly(), codecs: ["aac"] },
      { sample: await pictureOnly(), codecs: ["h264"] },
      { sample: await soundAndPicture(), codecs: ["aac", "h264"] },
    ];
    const found = await Promise.all(cases.map(({ sample }) => probeBothWays(sample)));
    expect(found).toEqual(
      cases.map(({ codecs }) => [
        { codecs, complaints: "" },
        { codecs, complaints: "" },
      ]),
    );
  },
);

async function probeBothWays({ path }: Sample) {
  const key = newKey();
  const copy = ["-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f", "flv", gateway.urls.rtmp(key)];
  await using _publisher = startProcess([...FFMPEG, ...copy]);
  await waitForPublishers(gateway, key);
  return await Promise.all([probe(gateway.urls.rtmp(key)), probe(gateway.urls.flv(key))]);
}

async function probe(url: string): Promise<{ codecs: string[]; complaints: string }> {
  const options = ["-loglevel", "warning", "-show_entries", "stream=codec_name", "-of", "csv=p=0"];
  const { stdout, stderr } = await runProcess(["ffprobe", ...options, url]);
  return { codecs: stdout.trim().split("\n").sort(), complaints: stderr };
}

describe("HTTP", () => {
  const request = async (...options: string[]) =>
    (await runProcess(["curl", "-sS", "-i", ...options, gateway.urls.flv(newKey())])).stdout;

  requirePrograms("curl")("HEAD answers as GET would, and ends", async () => {
    const answer = await request("--head");
    expect(answer).toStartWith("HTTP/1.1 200 ");
    expect(answer).toContain("Content-Type: video/x-flv\r\n");
    expect(answer).toContain("Access-Control-Allow-Origin: *\r\n");
  });

  requirePrograms("curl", "ffmpeg")("1.0 gets the stream without chunks", async () => {
    const key = newKey();
    const file = join(gateway.folder, "http-1.0.flv");
    const command = ["curl", "-sN", "--http1.0", "-i", "--raw", "-o", file, gateway.urls.flv(key)];
    await using player = startProcess(command);
    await waitForPlayers(gateway, key);
    const sample = await soundAndPicture();
    await ffmpegPublisher.publish(gateway, key, sample);
    expect(await player.waitForExit()).toBe(0);
    const answer = await Bun.file(file).bytes();
    const bodyAt = Buffer.from(answer).indexOf("\r\n\r\n") + 4;
    expect(describePlayed(readFlv(answer.subarray(bodyAt)))).toEqual(describePlayed(sample));
  });

  requirePrograms("curl")("a preflight is allowed", async () => {
    const origin = ["-H", "Origin: http://example.com", "-H", "Access-Control-Request-Method: POST"];
    const answer = await request("-X", "OPTIONS", ...origin);
    expect(answer).toStartWith("HTTP/1.1 204 ");
    expect(answer).toContain("Access-Control-Allow-Origin: http://example.com\r\n");
    expect(answer).toMatch(/Access-Control-Allow-Methods: .*POST/);
  });

  requirePrograms("curl")("other methods are refused with those that are not", async () => {
    const answer = await request("-X", "DELETE");
    expect(answer).toStartWith("HTTP/1.1 405 ");
    expect(answer).toContain("Allow: GET, HEAD, POST, OPTIONS\r\n");
  });
});

test("a path that names no stream is not found", async () => {
  const base = `http://127.0.0.1:${gateway.ports.flv}`;
  for (const path of ["/", "/live/", "/live/key", "/live/key.mp4", "/live/k%20y.flv", "/live/.flv"]) {
    expect([path, (await fetch(base + path)).status]).toEqual([path, 404]);
  }
});
