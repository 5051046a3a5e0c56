import { expect, test } from "bun:test";
import { silentLogger } from "../../src/log.ts";
import { TimedEncoder } from "../../src/media/audio/coding/timed-encoder.ts";
import { TagType, tagToFrame } from "../../src/media/body/tag-frame.ts";
import type { AudioFrame, Frame } from "../../src/media/frame.ts";
import { SoundFrames } from "../../src/media/sound/sound-frames.ts";
import { listenTo } from "../../src/media/sound/sound-tap.ts";
import { Stream } from "../../src/media/stream.ts";
import { makeSine } from "../codecs/pcm/spectrum.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { fromHex } from "../protocols/fixtures.ts";
import { decode, listen, shareOf, stepsMs } from "./sound/stream-sound.ts";

const STEREO_HEADER = "af00 1190";

function openStream() {
  const clock = new FakeClock();
  const stream = new Stream("key", { clock, log: silentLogger, republishSeconds: 15 }, () => {});
  const publish = (frames: readonly Frame[]) => {
    const publication = stream.publish({ from: "phone", protocol: "test", onReplaced: () => {} });
    for (const frame of frames) {
      publication.push(frame);
      if (frame.role === "key") clock.advance(21);
    }
  };
  return { clock, stream, publish };
}

/** A second of one tone as a publisher of that rate sends it, its header first. */
function speak(hz: number, rate: number): AudioFrame[] {
  const frames: Frame[] = [];
  const make = new SoundFrames((frame) => frames.push(frame));
  const encoder = new TimedEncoder({ codec: "AAC", inputRate: rate, aacRate: rate }, 0);
  encoder.encode(makeSine(hz, rate, rate, 0.5), (coded) => make.push("AAC", coded));
  return frames.filter((frame) => frame.kind === "audio");
}

function headersOf(frames: readonly Frame[]): string[] {
  return frames
    .filter(({ kind, role }) => kind === "audio" && role === "config")
    .map(({ body }) => Buffer.from(body).toString("hex"));
}

test.each([
  [48_000, 16_000],
  [16_000, 48_000],
  [44_100, 16_000],
  [16_000, 44_100],
])("what follows sound of %i Hz at %i Hz has the format that players have", (first, second) => {
  const { stream, publish } = openStream();
  const frames = listen(stream);
  publish(speak(400, first));
  const count = frames.length;
  publish(speak(700, second));
  expect(headersOf(frames)).toHaveLength(1);
  const later = [...frames.filter(({ role }) => role === "config"), ...frames.slice(count)];
  expect(shareOf(700, decode(later))).toBeGreaterThan(0.95);
  const frameMs = 1024_000 / first;
  for (const stepMs of stepsMs(frames).slice(count)) expect(Math.abs(stepMs - frameMs)).toBeLessThan(2);
  const lengthMs = (frames.at(-1)?.timestampMs ?? 0) - (frames[count]?.timestampMs ?? 0);
  expect(lengthMs).toBeGreaterThan(1000 - 3 * 64);
  expect(frames.slice(count).every(({ kind }) => kind === "audio")).toBe(true);
});

test("sound in the format that players have passes as the very same", () => {
  const { stream, publish } = openStream();
  const frames = listen(stream);
  publish(speak(400, 48_000));
  const count = frames.length;
  const spoken = speak(700, 48_000);
  publish(spoken);
  expect(frames.slice(count).map(({ body }) => body)).toEqual(spoken.slice(1).map(({ body }) => body));
});

test("two channels, which are not encoded here, give way to another format", () => {
  const { stream, publish } = openStream();
  const frames = listen(stream);
  const stereo = ["af00 1190", "af01 2100"].map((hex) => tagToFrame(TagType.audio, 0, fromHex(hex)));
  publish(stereo.filter((frame) => frame !== undefined));
  publish(speak(700, 48_000));
  expect(headersOf(frames)).toEqual([STEREO_HEADER.replace(" ", ""), "af001188"]);
});

test("who joins gets the header that fits, and who takes anything, as a telephone, is no reason", () => {
  const { clock, stream, publish } = openStream();
  const heard: string[] = [];
  const listener = {
    onSound: ({ role }: { role: string }) => void heard.push(role),
    onPublisher: () => undefined,
  };
  listenTo(stream, listener, clock, silentLogger);
  publish(speak(400, 48_000));
  publish(speak(700, 16_000));
  expect(heard.filter((role) => role === "config")).toHaveLength(2);
  const joined = listen(stream);
  publish(speak(700, 48_000));
  expect(new Set(headersOf(joined)).size).toBe(1);
  expect(shareOf(700, decode(joined))).toBeGreaterThan(0.95);
});
