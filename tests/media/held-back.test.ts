import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../src/log.ts";
import { Stream } from "../../src/media/stream.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import {
  audioFrame,
  audioHeader,
  isMedia,
  metadataFrame,
  nameFrame,
  videoDelta,
  videoHeader,
  videoKey,
} from "./frames.ts";

/** A stream that is held back, with one player and what it got. */
function openScene() {
  const clock = new FakeClock();
  const seen: string[] = [];
  const codecs: string[] = [];
  const stream = new Stream("key", { clock, log: silentLogger, republishSeconds: 15 }, () => {});
  stream.watchPushedCodec((codec) => codecs.push(codec));
  const play = (names: string[]) =>
    stream.subscribe({
      onFrame: (frame) => isMedia(frame) && names.push(nameFrame(frame)),
      onEnd: () => {},
      droppedFrameCount: () => 0,
    });
  play(seen);
  stream.holdBack();
  const publish = () => stream.publish({ from: "phone", protocol: "test", onReplaced: () => {} });
  return { clock, stream, seen, codecs, play, publish };
}

describe("a stream that is held back", () => {
  test("gives nothing of what is pushed to anybody, but it counts", () => {
    const { clock, stream, seen, codecs, play, publish } = openScene();
    clock.advance(100);
    const publication = publish();
    for (const frame of [metadataFrame(), videoHeader(), audioHeader(), audioFrame(0), videoKey(0)])
      publication.push(frame);
    play(seen);
    expect(seen).toEqual([]);
    expect(codecs).toEqual(["AAC"]);
    expect(stream).toMatchObject({ lastPushedAtMs: clock.nowMs(), byteCount: 184 });
    expect(stream.standIn(() => {})).toBeDefined();
  });

  test("gives the newest headers, then what comes, on the players' time", () => {
    const { clock, stream, seen, publish } = openScene();
    stream.standIn(() => {})?.push(audioFrame(0));
    const publication = publish();
    publication.push(metadataFrame());
    publication.push(videoHeader());
    publication.push(audioHeader());
    publication.push(videoKey(70_000));
    publication.push(audioFrame(70_000));
    clock.advance(50);
    stream.letThrough();
    publication.push(audioFrame(70_050));
    publication.push(videoDelta(70_060));
    expect(seen.slice(1)).toEqual(["audio config 50", "audio key 50", "video config 0", "video delta 60"]);
    stream.letThrough();
    expect(seen).toHaveLength(5);
  });

  test("keeps no header for another codec", () => {
    const { stream, seen, codecs, publish } = openScene();
    const publication = publish();
    publication.push(audioHeader());
    publication.push({ ...audioFrame(0), codec: "G711A" });
    stream.letThrough();
    publication.push({ ...audioFrame(20), codec: "G711A" });
    expect(seen).toEqual(["audio key 20"]);
    expect(codecs).toEqual(["AAC", "G711A"]);
  });

  test("holds back who publishes again, and nobody who comes after it was let through", () => {
    const { stream, seen, publish } = openScene();
    publish().push(audioFrame(0));
    publish().push(audioFrame(0));
    expect(seen).toEqual([]);
    stream.letThrough();
    publish().push(audioFrame(0));
    expect(seen).toEqual(["audio key 0"]);
  });
});
