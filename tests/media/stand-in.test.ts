import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../src/log.ts";
import type { Frame } from "../../src/media/frame.ts";
import { Stream } from "../../src/media/stream.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import {
  audioFrame,
  audioHeader,
  isMedia,
  metadataFrame,
  nameFrame,
  videoHeader,
  videoKey,
} from "./frames.ts";

/** A stream with one player, what it got, and who stopped. */
function openScene() {
  const clock = new FakeClock(0);
  const seen: string[] = [];
  const ended: string[] = [];
  const stream = new Stream("key", { clock, log: silentLogger, republishSeconds: 15 }, () => {});
  stream.subscribe({
    onFrame: (frame) => isMedia(frame) && seen.push(nameFrame(frame)),
    onEnd: () => {},
    droppedFrameCount: () => 0,
  });
  const publish = (name: string) =>
    stream.publish({ from: name, protocol: "test", onReplaced: () => ended.push(name) });
  const standIn = (name: string, ...frames: readonly Frame[]) => {
    const publication = stream.standIn(() => ended.push(name));
    for (const frame of frames) publication?.push(frame);
    return publication;
  };
  return { clock, stream, seen, ended, publish, standIn };
}

describe("a stand-in", () => {
  test("is heard, and by whoever joins, but nobody has pushed anything", () => {
    const { clock, stream, seen, standIn } = openScene();
    standIn("tone", audioHeader(), audioFrame(0), audioFrame(21));
    expect(seen).toEqual(["audio config 0", "audio key 0", "audio key 21"]);
    const joined: string[] = [];
    stream.subscribe({
      onFrame: (frame) => isMedia(frame) && joined.push(nameFrame(frame)),
      onEnd: () => {},
      droppedFrameCount: () => 0,
    });
    expect(joined).toEqual(["audio config 0"]);
    clock.advance(25);
    expect(stream.tracksSettleInMs()).toBe(0);
    expect(stream).toMatchObject({ byteCount: 0, lastPushedAtMs: undefined, publisher: undefined });
  });

  test("goes on until the publisher's first sound, which joins its time line; a header alone is none", () => {
    const { clock, stream, seen, ended, publish, standIn } = openScene();
    const tone = standIn("tone", audioHeader(), audioFrame(0));
    const publication = publish("phone");
    publication.push(metadataFrame());
    publication.push(audioHeader());
    clock.advance(20);
    tone?.push(audioFrame(21));
    expect(ended).toEqual([]);
    expect(stream.lastPushedAtMs).toBe(clock.startMs);
    clock.advance(15);
    publication.push(audioFrame(70_000));
    tone?.push(audioFrame(42));
    publication.push(audioFrame(70_021));
    expect(seen.slice(2)).toEqual(["audio key 21", "audio key 36", "audio key 57"]);
    expect(ended).toEqual(["tone"]);
  });

  test("goes on beside a picture without sound", () => {
    const { clock, stream, seen, publish, standIn } = openScene();
    const tone = standIn("tone", audioFrame(0));
    const camera = publish("camera");
    camera.push(videoHeader());
    clock.advance(20);
    camera.push(videoKey(500));
    tone?.push(audioFrame(21));
    expect(seen).toEqual(["audio key 0", "video config 0", "video key 20", "audio key 21"]);
    expect([stream.audioCodec, stream.videoCodec]).toEqual(["AAC", "H264"]);
  });

  test("gives way without a step back in time to sound that is older than the picture before it", () => {
    const { clock, seen, ended, publish, standIn } = openScene();
    const tone = standIn("tone", audioHeader(), audioFrame(0));
    const camera = publish("camera");
    clock.advance(20);
    camera.push(videoKey(500));
    camera.push(audioHeader());
    clock.advance(40);
    tone?.push(audioFrame(60));
    camera.push(audioFrame(500));
    camera.push(audioHeader());
    camera.push(audioFrame(540));
    expect(ended).toEqual(["tone"]);
    camera.push(audioFrame(541));
    camera.push(audioFrame(520));
    expect(seen.slice(2)).toEqual(["video key 20", "audio key 60", "audio key 61", "audio key 40"]);
  });

  test("that begins while the publisher's first sound is still left out gives way too", () => {
    const { clock, seen, ended, publish, standIn } = openScene();
    const tone = standIn("tone", audioFrame(0));
    const camera = publish("camera");
    clock.advance(20);
    camera.push(videoKey(500));
    clock.advance(40);
    tone?.push(audioFrame(60));
    camera.push(audioFrame(500));
    const silence = standIn("silence", audioFrame(0));
    camera.push(audioFrame(560));
    silence?.push(audioFrame(21));
    camera.push(audioFrame(581));
    expect(ended).toEqual(["tone", "silence"]);
    expect(seen.slice(2)).toEqual(["audio key 60", "audio key 61", "audio key 80", "audio key 101"]);
  });

  test("is followed by sound that has nothing to do with its picture's time", () => {
    const { clock, seen, publish, standIn } = openScene();
    standIn("tone", audioFrame(0));
    const camera = publish("camera");
    clock.advance(20);
    camera.push(videoKey(1_000_000));
    camera.push(audioFrame(0));
    expect(seen).toHaveLength(3);
  });

  test("is refused where a publisher is heard, and welcome once that left", () => {
    const { clock, seen, publish, standIn } = openScene();
    const phone = publish("phone");
    expect(standIn("early")).toBeDefined();
    phone.push(audioFrame(0));
    expect(standIn("late")).toBeUndefined();
    phone.end();
    clock.advance(300);
    standIn("hold", audioFrame(0));
    expect(seen).toEqual(["audio key 0", "audio key 300"]);
  });

  test("gives way to the next one, and ends with the stream", () => {
    const { stream, seen, ended, standIn } = openScene();
    const first = standIn("first", audioFrame(0));
    const second = standIn("second");
    first?.push(audioFrame(21));
    first?.end();
    second?.push(audioFrame(0));
    expect(seen).toEqual(["audio key 0", "audio key 1"]);
    stream.close();
    stream.close();
    expect(ended).toEqual(["first", "second"]);
    expect(standIn("too late")).toBeUndefined();
  });

  test("that ends by itself tells so once", () => {
    const { stream, seen, ended, standIn } = openScene();
    const tone = standIn("tone", audioFrame(0));
    tone?.end();
    tone?.end();
    tone?.push(audioFrame(21));
    expect(ended).toEqual(["tone"]);
    expect(seen).toHaveLength(1);
    expect(stream.audioCodec).toBeUndefined();
  });

  test("holds no stream that nobody wants any more", () => {
    const { clock, stream, publish, standIn } = openScene();
    publish("phone").end();
    standIn("tone", audioFrame(0));
    clock.advance(15_000);
    expect(standIn("late")).toBeUndefined();
    expect(stream.playerCount).toBe(0);
  });
});
