import { describe, expect, test } from "bun:test";
import { createLogger } from "../../../src/log.ts";
import type { EncodedCodec } from "../../../src/media/audio/coding/audio-encoder.ts";
import { encodeL16Metadata, readAudioSampleRate } from "../../../src/media/body/metadata.ts";
import { TagType, tagToFrame } from "../../../src/media/body/tag-frame.ts";
import type { AudioFrame, DataFrame, Frame } from "../../../src/media/frame.ts";
import { createConversion } from "../../../src/media/sound/audio-conversion.ts";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { fromHex, readFixture } from "../../protocols/fixtures.ts";
import { decode, RATE, shareOf, stepsMs } from "./stream-sound.ts";

type Sound = AudioFrame | DataFrame;

/** A publisher's frames to players that want `codec`. */
function convert(
  codec: EncodedCodec,
  frames: readonly Sound[],
  metadata?: DataFrame,
  clock = new FakeClock(),
) {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const converter = createConversion(codec, clock, log).start(metadata);
  const converted: Frame[] = [];
  for (const frame of frames) converter.push(frame, (made) => converted.push(made));
  return { converted, lines };
}

function audio(hex: string, timestampMs = 0): AudioFrame {
  const frame = tagToFrame(TagType.audio, timestampMs, fromHex(hex));
  if (frame?.kind !== "audio") throw new Error("an empty body");
  return frame;
}

function metadata(body: Uint8Array): DataFrame {
  const frame = tagToFrame(TagType.script, 0, body);
  if (frame?.kind !== "data") throw new Error("an empty body");
  return frame;
}

/** The tags of a file that ffmpeg wrote. */
function readFrames(name: string): Sound[] {
  const frames: Sound[] = [];
  new FlvDecoder().push(readFixture(`flv/${name}.flv`), ({ type, timestampMs, body }) => {
    const frame = tagToFrame(type, timestampMs, body);
    if (frame !== undefined && frame.kind !== "video") frames.push(frame);
  });
  return frames;
}

/** Each fixture is a sine of 440 Hz; of ffmpeg-aac ffmpeg itself makes one with a share of 0.87. */
const SOURCES = [
  ["ffmpeg-pcma", 500],
  ["ffmpeg-pcmu", 500],
  ["ffmpeg-l16", 300],
  ["ffmpeg-aac", 300],
] as const;
const TARGETS = ["AAC", "G711A", "G711U", "L16"] as const;

const pairs = SOURCES.flatMap(([name, lengthMs]) =>
  TARGETS.map((codec) => ({ name, codec, lengthMs })),
).filter(({ name, codec }) => !readFrames(name).some((frame) => frame.codec === codec));

describe.each(pairs)("$name for players that want $codec", ({ name, codec, lengthMs }) => {
  const { converted, lines } = convert(codec, readFrames(name));
  const sound = converted.filter(({ kind }) => kind === "audio");

  test("is the same sound in that codec, a header first where it has one", () => {
    expect(new Set(sound.map((frame) => frame.codec))).toEqual(new Set([codec]));
    const headers = sound.flatMap(({ role }, index) => (role === "config" ? [index] : []));
    expect(headers).toEqual(codec === "AAC" ? [0] : []);
    const heard = decode(converted);
    expect((1000 * heard.length) / RATE).toBeGreaterThan(lengthMs - 130);
    expect(shareOf(440, heard)).toBeGreaterThan(0.86);
    expect(lines).toEqual([]);
  });

  test("has frames every 20 ms or a little more, without a gap, from the publisher's time on", () => {
    expect(sound.find(({ role }) => role === "key")?.timestampMs).toBeLessThan(25);
    expect(Math.min(...stepsMs(converted))).toBeGreaterThanOrEqual(19);
    expect(Math.max(...stepsMs(converted))).toBeLessThanOrEqual(25);
  });
});

test("players of L16 are told its rate first, and again when the publisher has spoken of its own", () => {
  const own = metadata(encodeL16Metadata(44_100));
  const frames = readFrames("ffmpeg-pcma").filter(({ kind }) => kind === "audio");
  const { converted } = convert("L16", [...frames.slice(0, 1), own, ...frames.slice(1)]);
  const rates = converted.flatMap(({ kind, body }) => (kind === "data" ? [readAudioSampleRate(body)] : []));
  expect(rates).toEqual([16_000, 44_100, 16_000]);
  expect(converted[0]?.role).toBe("metadata");
});

test("L16 at a rate that FLV cannot name has the one of its metadata, early or late", () => {
  const samples = "00".repeat(3200);
  const at8kHz = metadata(encodeL16Metadata(8_000));
  const count = (frames: readonly Frame[]) => frames.filter(({ codec }) => codec === "G711A").length;
  expect(count(convert("G711A", [audio(`32${samples}`)]).converted)).toBe(5);
  expect(count(convert("G711A", [audio(`32${samples}`)], at8kHz).converted)).toBe(10);
  expect(count(convert("G711A", [at8kHz, audio(`32${samples}`)]).converted)).toBe(10);
});

describe("what cannot be converted", () => {
  test("passes as it is, if it is a codec that is not decoded here", () => {
    const frames = readFrames("ffmpeg-mp3").filter(({ kind }) => kind === "audio");
    const { converted, lines } = convert("AAC", frames);
    expect(converted).toEqual(frames);
    expect(lines).toEqual([]);
  });

  test("AAC with a header that is refused is logged once and passes, until a good header comes", () => {
    const main = audio("af00 0990");
    const unit = audio("af01 210001", 21);
    const good = readFrames("ffmpeg-aac");
    const { converted, lines } = convert("G711A", [main, unit, main, unit, ...good]);
    expect(converted.slice(0, 4)).toEqual([main, unit, main, unit]);
    expect(converted.slice(4).filter(({ codec }) => codec === "G711A").length).toBeGreaterThan(8);
    expect(lines.filter((line) => line.includes("stream.sound-not-converted"))).toHaveLength(1);
  });

  test("headers that are refused one after another do not fill the log", () => {
    const bad = Array.from({ length: 50 }, (_, n) => audio(n % 2 === 0 ? "af00 0990" : "af00 0988", n));
    const { converted, lines } = convert("G711A", bad);
    expect(converted).toEqual(bad);
    expect(lines).toHaveLength(5);
  });

  test("a damaged frame ends nothing", () => {
    const [, ...good] = readFrames("ffmpeg-aac");
    const damaged = audio("af01 ffffffffffff", 50);
    const { converted, lines } = convert("G711A", [...good.slice(0, 5), damaged, ...good.slice(5)]);
    expect(converted.length).toBeGreaterThan(10);
    expect(lines).toEqual([]);
  });

  test("a body without sound is left out", () => {
    expect(convert("AAC", [audio("72"), audio("32 00")]).converted).toEqual([]);
  });
});

describe("a flood", () => {
  /** A second of A-law each. */
  const seconds = (count: number) =>
    Array.from({ length: count }, (_, n) => audio(`72${"d5".repeat(8000)}`, n * 1000));
  const count = (frames: readonly Frame[]) => frames.length / 50;

  test("of half a minute is a network that was gone, more at once is not coded, and logged once", () => {
    expect(count(convert("G711U", seconds(29)).converted)).toBe(29);
    const { converted, lines } = convert("G711U", seconds(100));
    expect(count(converted)).toBe(29);
    expect(lines.filter((line) => line.includes("stream.sound-flood"))).toHaveLength(1);
  });

  test("may come at twice the pace of time", () => {
    const clock = new FakeClock();
    const converter = createConversion("G711U", clock, createLogger({ level: "silent", write: () => {} }));
    const running = converter.start(undefined);
    let made = 0;
    for (const frame of seconds(200)) {
      running.push(frame, () => made++);
      clock.advance(501);
    }
    expect(made).toBe(200 * 50);
  });

  test("of empty frames is one too", () => {
    const tiny = Array.from({ length: 100_000 }, () => audio("72d5"));
    const { lines } = convert("G711U", tiny);
    expect(lines).toHaveLength(1);
  });
});
