import { describe, expect, test } from "bun:test";
import { type AmfValue, decodeAmf0, encodeAmf0 } from "../../src/codecs/amf0/amf0.ts";
import { TagType, tagToFrame } from "../../src/media/body/tag-frame.ts";
import type { Frame } from "../../src/media/frame.ts";
import { Tracks } from "../../src/media/tracks.ts";
import { fromHex } from "../protocols/fixtures.ts";

const AAC_48_MONO = "af00 1188";
const AAC_16_STEREO = "af00 1410";
const AAC = "af01 2110";
const AVC_HEADER = "1700 000000 01640020ff";
const AVC_KEY = "1701 000000 0000000165";
const G711A = "72 d5d5";

function tag(type: number, hex: string, timestampMs = 0): Frame {
  const frame = tagToFrame(type, timestampMs, fromHex(hex));
  if (frame === undefined) throw new Error("an empty body");
  return frame;
}
const sound = (hex: string, timestampMs = 0) => tag(TagType.audio, hex, timestampMs);
const picture = (hex: string, timestampMs = 0) => tag(TagType.video, hex, timestampMs);

function about(properties: Record<string, AmfValue>, timestampMs = 0): Frame {
  return {
    ...tag(TagType.script, "02"),
    role: "metadata",
    timestampMs,
    body: encodeAmf0("onMetaData", properties),
  } as Frame;
}

/** What players get: of metadata what it says, of others sort and role. */
function take(tracks: Tracks, ...frames: readonly Frame[]): unknown[] {
  const got: unknown[] = [];
  for (const frame of frames) tracks.take(frame, (handed) => got.push(describeFrame(handed)));
  return got;
}

function describeFrame(frame: Frame): unknown {
  return frame.role === "metadata"
    ? { ...(decodeAmf0(frame.body)[1] as object) }
    : `${frame.kind} ${frame.role}`;
}

const MONO = { audiocodecid: 10, audiosamplerate: 48_000, audiosamplesize: 16, stereo: false };

describe("a track's header", () => {
  test("waits for its first frame, however long", () => {
    const tracks = new Tracks();
    expect(take(tracks, picture(AVC_HEADER), sound(AAC_48_MONO), sound(AAC))).toEqual([
      MONO,
      ...["audio config", "audio key"],
    ]);
    expect(take(tracks, sound(AAC, 21))).toEqual(["audio key"]);
    expect([tracks.audioCodec, tracks.videoCodec]).toEqual(["AAC", undefined]);
    expect(tracks.joiningFrames().map(describeFrame)).toEqual([MONO, "audio config"]);
    expect(take(tracks, picture(AVC_KEY, 40))).toEqual([
      { ...MONO, videocodecid: 7 },
      ...["video config", "video key"],
    ]);
  });

  test.each([
    ["an empty frame of AAC", () => sound("af01")],
    ["the end of an AVC sequence", () => picture("1702 000000")],
    ["the end of a sequence of Enhanced RTMP", () => picture("92 68766331")],
  ])("is not followed by a frame: %s", (_, frame) => {
    const tracks = new Tracks();
    expect(take(tracks, sound(AAC_48_MONO), picture(AVC_HEADER), frame())).toEqual([]);
    expect([tracks.audioCodec, tracks.videoCodec]).toEqual([undefined, undefined]);
  });

  test("is no good for sound in another codec", () => {
    expect(take(new Tracks(), sound(AAC_48_MONO), sound(G711A))).toEqual([
      { audiocodecid: 7, audiosamplerate: 8000, audiosamplesize: 16, stereo: false },
      "audio key",
    ]);
  });

  test("that comes in mid-stream passes at its place, and metadata tells what it changes", () => {
    const tracks = new Tracks();
    take(tracks, sound(AAC_48_MONO), sound(AAC));
    expect(take(tracks, sound(AAC_16_STEREO), sound(AAC))).toEqual([
      { ...MONO, audiosamplerate: 16_000, stereo: true },
      ...["audio config", "audio key"],
    ]);
  });
});

describe("what players have already", () => {
  test("is not handed on again, nor by the next publisher: decoders would start anew", () => {
    const tracks = new Tracks();
    const all = [sound(AAC_48_MONO), sound(AAC), picture(AVC_HEADER), picture(AVC_KEY)];
    take(tracks, ...all);
    expect(take(tracks, sound(AAC_48_MONO), picture(AVC_HEADER))).toEqual([]);
    tracks.forgetSound();
    tracks.forgetPicture();
    expect(take(tracks, ...all)).toEqual(["audio key", "video key"]);
  });

  test("is handed on to whoever joined while it was not there", () => {
    const tracks = new Tracks();
    take(tracks, sound(AAC_48_MONO), sound(AAC));
    tracks.forgetSound();
    expect(tracks.joiningFrames()).toEqual([]);
    expect(take(tracks, sound(AAC_48_MONO), sound(AAC))).toEqual(["audio config", "audio key"]);
  });

  test("is handed on after sound in another codec", () => {
    const tracks = new Tracks();
    take(tracks, sound(AAC_48_MONO), sound(AAC), sound(G711A));
    expect(take(tracks, sound(AAC_48_MONO), sound(AAC))).toEqual([MONO, "audio config", "audio key"]);
  });
});

describe("metadata", () => {
  test("of the publisher is not handed on: its picture may not be there", () => {
    const tracks = new Tracks();
    const lie = about({ audiocodecid: 10, videocodecid: 7, width: 320, height: 240, duration: 7 });
    expect(take(tracks, lie, sound(AAC_48_MONO), sound(AAC), lie)).toEqual([
      MONO,
      "audio config",
      "audio key",
    ]);
  });

  test("has time 0, however late it comes", () => {
    const tracks = new Tracks();
    const times: number[] = [];
    for (const frame of [about({}, 70_000), sound(AAC, 70_021)]) {
      tracks.take(frame, ({ role, timestampMs }) => times.push(role === "metadata" ? timestampMs : -1));
    }
    expect(times).toEqual([0, -1]);
    expect(tracks.joiningFrames().map(({ timestampMs }) => timestampMs)).toEqual([0]);
  });

  test("names the rate of L16 that the publisher named, and a new one", () => {
    const tracks = new Tracks();
    const l16 = "32 00010002";
    const facts = { audiocodecid: 3, audiosamplesize: 16, stereo: false };
    expect(take(tracks, about({ audiosamplerate: 8000 }), sound(l16), sound(l16))).toEqual([
      { ...facts, audiosamplerate: 8000 },
      ...["audio key", "audio key"],
    ]);
    expect(take(tracks, about({ audiosamplerate: 24_000 }), sound(l16))).toEqual([
      { ...facts, audiosamplerate: 24_000 },
      "audio key",
    ]);
  });

  test("names a codec of Enhanced RTMP by its FourCC", () => {
    expect(take(new Tracks(), picture("91 68766331 0000000126"))).toEqual([
      { videocodecid: 0x68766331 },
      "video key",
    ]);
  });

  test("that nobody can read changes nothing", () => {
    const junk = { ...about({}), body: fromHex("02 000a 6f6e4d65746144617461 7f") };
    expect(take(new Tracks(), junk, sound(AAC))).toEqual([
      { audiocodecid: 10, audiosamplesize: 16 },
      "audio key",
    ]);
  });
});

describe("another track is named", () => {
  test.each<{ name: string; frames: Frame[]; isNamed: boolean }>([
    { name: "by nothing", frames: [sound(AAC)], isNamed: false },
    { name: "by its header", frames: [sound(AAC), picture(AVC_HEADER)], isNamed: true },
    { name: "by a codec", frames: [sound(AAC), about({ videocodecid: 7 })], isNamed: true },
    { name: "by a codec's name", frames: [sound(AAC), about({ videocodecid: "avc1" })], isNamed: true },
    { name: "by a size", frames: [sound(AAC), about({ width: 320 })], isNamed: true },
    { name: "by a codec of sound", frames: [picture(AVC_KEY), about({ audiocodecid: 10 })], isNamed: true },
    {
      name: "no more once it is there",
      frames: [sound(AAC), picture(AVC_KEY), about({ width: 9 })],
      isNamed: false,
    },
    {
      name: "by no codec",
      frames: [sound(AAC), about({ videocodecid: 0, width: 0, hasVideo: false })],
      isNamed: false,
    },
    { name: "by the track that is there", frames: [sound(AAC), about({ audiocodecid: 10 })], isNamed: false },
  ])("$name", ({ frames, isNamed }) => {
    const tracks = new Tracks();
    take(tracks, ...frames);
    expect(tracks.isAnotherNamed).toBe(isNamed);
  });
});
