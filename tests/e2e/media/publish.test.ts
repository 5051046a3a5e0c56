import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { describeMedia, describePlayed, metadataCount } from "./flv-file.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { curl } from "./players.ts";
import * as publishers from "./publishers.ts";
import { latePicture, pictureOnly, type Sample, shifted, soundAndPicture, soundOnly } from "./samples.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function relay(publisher: publishers.Publisher, sample: Sample) {
  const key = newKey();
  await using recording = curl.record(gateway, key);
  await waitForPlayers(gateway, key);
  const sent = await publisher.publish(gateway, key, sample);
  return { sent, received: await recording.finish() };
}

describe("a player gets every frame, in order and bit by bit, from", () => {
  for (const publisher of Object.values(publishers)) {
    requirePrograms(
      "ffmpeg",
      "curl",
      ...publisher.programs,
    )(publisher.name, async () => {
      const { sent, received } = await relay(publisher, await soundAndPicture());
      expect(describeMedia(received).length).toBeGreaterThan(100);
      expect(describePlayed(received)).toEqual(describePlayed(sent));
      expect(metadataCount(received)).toBeGreaterThanOrEqual(1);
      expect(received.flags).toBe(5);
    });
  }
});

/** 24 bits of milliseconds end at 16,777,215; what is later needs RTMP's extended timestamp. */
const TIMELINES = { "across 24 bits": 0xffffff - 1000, "extended throughout": 0xffffff + 100_000 };
/** Those that send the sample's own timestamps. */
const FAITHFUL = [
  publishers.ffmpeg,
  publishers.ffmpegOverHttp,
  publishers.librtmp,
  publishers.curlChunked,
  publishers.webSocket,
];

describe("timestamps are kept", () => {
  for (const [timeline, startMs] of Object.entries(TIMELINES)) {
    for (const publisher of FAITHFUL) {
      requirePrograms(
        "ffmpeg",
        "curl",
        ...publisher.programs,
      )(`${timeline}, from ${publisher.name}`, async () => {
        const sample = await shifted(await soundAndPicture(), startMs);
        const { received } = await relay(publisher, sample);
        expect(describePlayed(received)).toEqual(describePlayed(sample));
      });
    }
  }
});

describe("the header of a player's FLV names the tracks that are there:", () => {
  const cases = {
    "sound only": soundOnly,
    "picture only": pictureOnly,
    "sound and picture": soundAndPicture,
  };
  for (const [name, sample] of Object.entries(cases)) {
    requirePrograms("ffmpeg", "curl")(name, async () => {
      const { sent, received } = await relay(publishers.ffmpeg, await sample());
      expect(received.flags).toBe(sent.flags);
      expect(describePlayed(received)).toEqual(describePlayed(sent));
    });
  }
});

requirePrograms(
  "ffmpeg",
  "curl",
  "gcc",
  "librtmp",
)("picture that begins late passes", async () => {
  const { sent, received } = await relay(publishers.librtmp, await latePicture());
  expect(describePlayed(received)).toEqual(describePlayed(sent));
});
