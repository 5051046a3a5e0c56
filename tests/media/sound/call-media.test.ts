import { describe, expect, test } from "bun:test";
import type { CallStream } from "../../../src/calls/ports.ts";
import { MILLIWATT, TONE_PLANS } from "../../../src/codecs/pcm/tone-plans.ts";
import { createLogger } from "../../../src/log.ts";
import type { Playlist } from "../../../src/media/audio/clips/playlist.ts";
import { TagType, tagToFrame } from "../../../src/media/body/tag-frame.ts";
import type { Frame } from "../../../src/media/frame.ts";
import { EmbeddedCallMedia } from "../../../src/media/sound/call-media.ts";
import { StreamRegistry } from "../../../src/media/stream-registry.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { decode, listen, RATE, shareOf, stepsMs } from "./stream-sound.ts";

const TONE: Playlist = { sounds: [{ tone: MILLIWATT }], repeats: false };
const SILENCE: Playlist = { sounds: [], repeats: false };
const CLIP = Float32Array.from({ length: RATE }, (_, n) => 0.3 * Math.sin((2 * Math.PI * 500 * n) / RATE));

function openMedia() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line), clock });
  const streams = new StreamRegistry({ clock, log, republishSeconds: 15 });
  const media = new EmbeddedCallMedia({ streams, clock, log });
  const open = (key: string): CallStream => {
    const stream = media.open(key, "c1");
    if (stream === undefined) throw new Error(`${key} is in use`);
    return stream;
  };
  const publish = (key: string) =>
    streams.open(key).publish({ from: "phone", protocol: "test", onReplaced: () => {} });
  return { clock, lines, streams, open, publish, play: (key: string) => listen(streams.open(key)) };
}

/** Two hundredths of a second of G.711 A-law. */
function pushed(timestampMs: number, byte = 0xd5, byteCount = 160): Frame {
  const body = new Uint8Array(1 + byteCount).fill(byte);
  body[0] = 0x72;
  const frame = tagToFrame(TagType.audio, timestampMs, body);
  if (frame === undefined) throw new Error("an empty body");
  return frame;
}

describe("what a stream plays by itself", () => {
  test.each([
    ["AAC", ["data metadata", "audio config", "audio key"]],
    ["G711A", ["data metadata", "audio key"]],
    ["G711U", ["data metadata", "audio key"]],
    ["L16", ["data metadata", "audio key"]],
  ] as const)("is heard in %s, at the pace of time", (codec, first) => {
    const { clock, open, play } = openMedia();
    const stream = open("key");
    stream.convertAudioTo(codec);
    stream.play(TONE);
    const frames = play("key");
    clock.advance(20);
    expect(frames.map(({ kind, role }) => `${kind} ${role}`)).toEqual([...first]);
    clock.advance(3_000);
    expect(new Set(frames.filter(({ kind }) => kind === "audio").map((frame) => frame.codec))).toEqual(
      new Set([codec]),
    );
    expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(22);
    const lastMs = frames.at(-1)?.timestampMs ?? 0;
    expect(lastMs).toBeGreaterThan(2_950);
    expect(lastMs).toBeLessThanOrEqual(3_000);
    expect(shareOf(1004, decode(frames))).toBeGreaterThan(0.99);
  });

  test("has been pushed by nobody", () => {
    const { clock, streams, open, play } = openMedia();
    const stream = open("key");
    stream.play(TONE);
    play("key");
    clock.advance(1_000);
    expect(stream.lastFrameAtMs()).toBeUndefined();
    expect(streams.get("key")).toMatchObject({ publisher: undefined, byteCount: 0 });
  });

  test("waits for a player, so that a clip is heard from its beginning", () => {
    const { clock, open, play } = openMedia();
    open("key").play({ sounds: [{ clip: CLIP }], repeats: false });
    clock.advance(2_000);
    const frames = play("key");
    clock.advance(20);
    expect(frames.length).toBeGreaterThan(1);
    clock.advance(1_500);
    const heard = decode(frames);
    expect(shareOf(500, heard.subarray(0, RATE))).toBeGreaterThan(0.95);
    expect(Math.max(...heard.subarray(Math.round(1.2 * RATE)).map(Math.abs))).toBeLessThan(0.01);
  });

  test("rests while nobody plays it, and goes on in time", () => {
    const { clock, streams, open, play } = openMedia();
    open("key").play(TONE);
    const gone = streams.open("key").subscribe({
      onFrame: () => {},
      onEnd: () => {},
      droppedFrameCount: () => 0,
    });
    clock.advance(1_000);
    gone.end();
    clock.advance(60_000);
    const frames = play("key");
    clock.advance(40);
    expect(frames.length).toBeLessThan(6);
    clock.advance(960);
    expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(22);
  });

  test("does not make up for a time in which the process stood still", () => {
    const { clock, open, play } = openMedia();
    open("key").play(TONE);
    const frames = play("key");
    clock.advance(1_000);
    const before = frames.length;
    clock.skip(10_000);
    clock.advance(20);
    expect(frames.length - before).toBeLessThan(520);
    const after = frames.length;
    clock.advance(1_000);
    expect(frames.length - after).toBeLessThan(60);
  });

  test("goes on in another codec where the player turns out to want that", () => {
    const { clock, open, play } = openMedia();
    const stream = open("key");
    stream.convertAudioTo("G711A");
    stream.play(TONE);
    const frames = play("key");
    clock.advance(1_000);
    stream.convertAudioTo("AAC");
    clock.advance(1_000);
    expect(frames.find(({ role }) => role === "config")?.codec).toBe("AAC");
    expect(frames.at(-1)?.codec).toBe("AAC");
    expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(25);
  });

  test("gives way to another playlist", () => {
    const { clock, open, play } = openMedia();
    const stream = open("key");
    stream.convertAudioTo("G711A");
    stream.play({ sounds: [{ tone: TONE_PLANS.cn.ringback }], repeats: false });
    const frames = play("key");
    clock.advance(500);
    const before = frames.length;
    stream.play(SILENCE);
    clock.advance(500);
    expect(Math.max(...decode(frames.slice(before + 1)).map(Math.abs))).toBeLessThan(0.001);
    expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(22);
  });

  test("ends with the first sound that is pushed, without a gap, and leaves no timer", () => {
    const { clock, open, play, publish } = openMedia();
    const stream = open("key");
    stream.convertAudioTo("G711A");
    stream.play(TONE);
    const frames = play("key");
    clock.advance(1_000);
    const publication = publish("key");
    clock.advance(100);
    for (let n = 0; n < 10; n++) {
      publication.push(pushed(n * 20));
      clock.advance(20);
    }
    expect(clock.timerCount).toBe(0);
    expect(frames.slice(-10).every(({ body }) => body[1] === 0xd5)).toBe(true);
    expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(25);
    const before = frames.length;
    stream.play(TONE);
    clock.advance(100);
    expect([frames.length, clock.timerCount]).toEqual([before, 0]);
    expect(frames.at(-1)?.body[1]).toBe(0xd5);
  });

  test("goes on while what is pushed is held back, which is heard from then on that it is let through", () => {
    const { clock, open, play, publish } = openMedia();
    const stream = open("key");
    stream.convertAudioTo("AAC");
    stream.play(TONE);
    stream.holdBack();
    const frames = play("key");
    const publication = publish("key");
    const push = (count: number) => {
      for (let n = 0; n < count; n++) {
        publication.push(pushed(clock.nowMs(), n % 2 === 0 ? 0x80 : 0x00));
        clock.advance(20);
      }
    };
    push(50);
    expect(stream.lastFrameAtMs()).toBeGreaterThan(0);
    expect(shareOf(1004, decode(frames))).toBeGreaterThan(0.99);
    stream.letThrough();
    const before = frames.length;
    push(50);
    expect(shareOf(1004, decode(frames).subarray(before * 1024))).toBeLessThan(0.1);
    expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(45);
    expect(Math.min(...stepsMs(frames))).toBeGreaterThan(0);
  });

  test("holds nothing after the end of the stream", () => {
    const { clock, streams, open, play } = openMedia();
    const stream = open("key");
    const other = open("other");
    stream.play(TONE);
    other.play(TONE);
    play("key");
    clock.advance(100);
    stream.close();
    clock.advance(100);
    expect(clock.timerCount).toBe(1);
    other.close();
    expect([streams.list(), clock.timerCount]).toEqual([[], 0]);
  });
});

test("an echo gives back what is pushed in the codec that the caller hears, silence before it", () => {
  const { clock, open, play, publish } = openMedia();
  const [caller, callee] = [open("caller"), open("callee")];
  callee.convertAudioTo("AAC");
  callee.play(SILENCE);
  callee.relayFrom(caller);
  const frames = play("callee");
  clock.advance(200);
  expect(frames.length).toBeGreaterThan(8);
  const publication = publish("caller");
  for (let n = 0; n < 50; n++) {
    publication.push(pushed(n * 20, n % 2 === 0 ? 0x80 : 0x00));
    clock.advance(20);
  }
  expect(new Set(frames.map(({ codec }) => codec))).toEqual(new Set(["AMF", "AAC"]));
  expect(Math.max(...stepsMs(frames))).toBeLessThanOrEqual(45);
  expect(frames.at(-1)?.timestampMs).toBeGreaterThan(1_100);
});

test("whoever listens hears the sound and learns of each publisher, until the subscription ends", () => {
  const { open, publish } = openMedia();
  const stream = open("key");
  const heard: string[] = [];
  const subscription = stream.listen({
    onSound: ({ codec }) => void heard.push(codec),
    onPublisher: () => void heard.push("publisher"),
  });
  publish("key").push(pushed(0));
  publish("key").push(pushed(0));
  expect(heard).toEqual(["publisher", "G711A", "publisher", "G711A"]);
  subscription.end();
  publish("key").push(pushed(0));
  expect(heard).toHaveLength(4);
});

test("a listener gets no frame that is longer than anybody's, which is logged once", () => {
  const { lines, open, publish } = openMedia();
  let soundCount = 0;
  open("key").listen({ onSound: () => void soundCount++, onPublisher() {} });
  const publication = publish("key");
  publication.push(pushed(0, 0xd5, 65_536));
  expect(soundCount).toBe(1);
  publication.push(pushed(0, 0xd5, 65_537));
  publication.push(pushed(0, 0xd5, 65_537));
  expect(soundCount).toBe(1);
  publication.push(pushed(20));
  expect(soundCount).toBe(2);
  expect(lines.filter((line) => line.includes("stream.sound-flood call=c1 stream=key"))).toHaveLength(1);
});

test("whoever watches is told of the codec that is really pushed", () => {
  const { open, publish } = openMedia();
  const stream = open("key");
  const codecs: string[] = [];
  const subscription = stream.watchAudioCodec((codec) => codecs.push(codec));
  stream.convertAudioTo("AAC");
  publish("key").push(pushed(0));
  expect(codecs).toEqual(["G711A"]);
  subscription.end();
  publish("key").push(pushed(0));
  expect(codecs).toEqual(["G711A"]);
});

test("sound that cannot be converted is logged with its call and stream", () => {
  const { lines, open, publish } = openMedia();
  open("key").convertAudioTo("G711A");
  const body = Uint8Array.of(0xaf, 0, 0xff, 0xff);
  const config = tagToFrame(TagType.audio, 0, body);
  if (config !== undefined) publish("key").push(config);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("stream.sound-not-converted call=c1 stream=key");
});

test("a listener gets the sound of as much time as there may honestly be, and the flood is logged once", () => {
  const { clock, lines, open, publish } = openMedia();
  const stream = open("key");
  let soundCount = 0;
  stream.listen({ onSound: () => void soundCount++, onPublisher() {} });
  const publication = publish("key");
  for (let n = 0; n < 5_000; n++) publication.push(pushed(n * 20));
  expect(soundCount).toBeGreaterThan(1_000);
  expect(soundCount).toBeLessThan(1_600);
  expect(lines.filter((line) => line.includes("stream.sound-flood call=c1 stream=key"))).toHaveLength(1);
  clock.advance(1_000);
  const before = soundCount;
  for (let n = 0; n < 50; n++) publication.push(pushed(100_000 + n * 20));
  expect(soundCount - before).toBe(50);
});
