import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { describeMedia } from "./flv-file.ts";
import { filled } from "./handmade.ts";
import { newKey, startLaboratory, streamOf, waitForPlayers } from "./laboratory.ts";
import { curl, rtmpdump } from "./players.ts";
import * as publishers from "./publishers.ts";
import { encode, type Sample, save } from "./samples.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const SOUND = "-f lavfi -i sine=frequency=440:sample_rate=44100 -t 1";
const PICTURE = "-f lavfi -i testsrc2=size=64x48:rate=10 -t 1";

type Case = { readonly codec: string; readonly publisher: publishers.Publisher; sample(): Promise<Sample> };

/** What Debian's ffmpeg can put into FLV goes through it; the rest is handmade tags through curl. */
const CASES: readonly Case[] = [
  { codec: "AAC", publisher: publishers.ffmpeg, sample: () => encode(`${SOUND} -c:a aac`) },
  { codec: "G711A", publisher: publishers.ffmpeg, sample: () => encode(`${SOUND} -ar 8000 -c:a pcm_alaw`) },
  { codec: "G711U", publisher: publishers.ffmpeg, sample: () => encode(`${SOUND} -ar 8000 -c:a pcm_mulaw`) },
  { codec: "L16", publisher: publishers.ffmpeg, sample: () => encode(`${SOUND} -c:a pcm_s16le`) },
  { codec: "MP3", publisher: publishers.ffmpeg, sample: () => encode(`${SOUND} -c:a libmp3lame`) },
  { codec: "H264", publisher: publishers.ffmpeg, sample: () => encode(`${PICTURE} -c:v libx264`) },
  { codec: "OPUS", publisher: publishers.curlChunked, sample: () => save(enhancedOpus()) },
  { codec: "H265", publisher: publishers.curlChunked, sample: () => save(hevcAsCodec12()) },
  { codec: "H265", publisher: publishers.librtmp, sample: () => save(enhancedHevc()) },
  { codec: "unknown", publisher: publishers.curlChunked, sample: () => save(speex()) },
];

describe("passes through unchanged, over HTTP and RTMP:", () => {
  for (const { codec, publisher, sample } of CASES) {
    const programs = ["ffmpeg", "curl", "rtmpdump", ...publisher.programs] as const;
    requirePrograms(...programs)(`${codec} by ${publisher.name}`, async () => {
      const key = newKey();
      await using http = curl.record(gateway, key);
      await using rtmp = rtmpdump.record(gateway, key);
      await waitForPlayers(gateway, key, 2);
      const sent = describeMedia(await publisher.publish(gateway, key, await sample()));
      expect(sent.length).toBeGreaterThan(9);
      expect(describeMedia(await http.finish())).toEqual(sent);
      expect(describeMedia(await rtmp.finish())).toEqual(sent);
    });
  }
});

describe("the API names", () => {
  for (const { codec, sample } of CASES) {
    requirePrograms("ffmpeg")(codec, async () => {
      const key = newKey();
      const { path, flags } = await sample();
      const socket = new WebSocket(`${gateway.urls.webSocketFlv(key)}?action=publish`);
      await waitFor("the WebSocket to open", () => socket.readyState === WebSocket.OPEN);
      socket.send(await Bun.file(path).bytes());
      const track = flags === 4 ? "audioCodec" : "videoCodec";
      expect(await waitFor("the codec", async () => (await streamOf(gateway, key))?.[track])).toBe(codec);
      socket.close();
    });
  }
});

const times = Array.from({ length: 20 }, (_, index) => index * 40);
const fourCc = (name: string) => [...name].map((character) => character.charCodeAt(0));
const audio = (timestampMs: number, body: Uint8Array): Tag => ({ type: TagType.audio, timestampMs, body });
const video = (timestampMs: number, body: Uint8Array): Tag => ({ type: TagType.video, timestampMs, body });

/** Enhanced RTMP v2: sound format 9, packet types 0 (sequence start, OpusHead) and 1 (coded frames). */
function enhancedOpus(): Tag[] {
  const head = [...fourCc("OpusHead"), 1, 1, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0];
  const start = audio(0, Uint8Array.of(0x90, ...fourCc("Opus"), ...head));
  return [
    start,
    ...times.map((timeMs) => audio(timeMs, filled([0x91, ...fourCc("Opus"), 0xfc], 90, timeMs))),
  ];
}

/** Enhanced RTMP v1: packet types 0 (sequence start), 1 (coded frames with composition time), 3 (without). */
function enhancedHevc(): Tag[] {
  const start = video(0, filled([0x90, ...fourCc("hvc1"), 1], 60, 1));
  const coded = times.map((timeMs, index) => {
    const type = index === 0 ? 0x91 : index % 2 === 0 ? 0xa1 : 0xa3;
    return video(timeMs, filled([type, ...fourCc("hvc1"), 0, 0, 0], 5000, timeMs));
  });
  return [start, ...coded];
}

function hevcAsCodec12(): Tag[] {
  const start = video(0, filled([0x1c, 0, 0, 0, 0, 1], 60, 1));
  const coded = times.map((timeMs, index) =>
    video(timeMs, filled([index === 0 ? 0x1c : 0x2c, 1, 0, 0, 0], 5000, timeMs)),
  );
  return [start, ...coded];
}

function speex(): Tag[] {
  return times.map((timeMs) => audio(timeMs, filled([0xb6], 43, timeMs)));
}
