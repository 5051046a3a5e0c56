import { describe, expect, test } from "bun:test";
import { encodeAmf0 } from "../../src/codecs/amf0/amf0.ts";
import { silentLogger } from "../../src/log.ts";
import type { Frame } from "../../src/media/frame.ts";
import type { Publication } from "../../src/media/publication.ts";
import { Stream, type Subscription } from "../../src/media/stream.ts";
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

const REPUBLISH_SECONDS = 15;

class Scene {
  readonly clock = new FakeClock(0);
  readonly events: string[] = [];
  readonly stream = new Stream(
    "key",
    { clock: this.clock, log: silentLogger, republishSeconds: REPUBLISH_SECONDS },
    () => this.events.push("closed"),
  );

  publish(name: string): Publication {
    return this.stream.publish({
      from: name,
      protocol: "test",
      onReplaced: () => this.events.push(`${name} replaced`),
    });
  }

  play(name: string, droppedCount = 0): { seen: string[]; subscription: Subscription } {
    const seen: string[] = [];
    let joining = true;
    const subscription = this.stream.subscribe({
      onFrame: (frame) => isMedia(frame) && seen.push(`${nameFrame(frame)}${joining ? " joining" : ""}`),
      onEnd: () => this.events.push(`${name} ended`),
      droppedFrameCount: () => droppedCount,
    });
    joining = false;
    return { seen, subscription };
  }
}

function pushAll(publication: Publication, ...frames: readonly Frame[]): void {
  for (const frame of frames) publication.push(frame);
}

describe("players", () => {
  test("get each frame as it comes, the very same object", () => {
    const scene = new Scene();
    const frames: Frame[] = [];
    scene.stream.subscribe({
      onFrame: (frame) => isMedia(frame) && frames.push(frame),
      onEnd: () => {},
      droppedFrameCount: () => 0,
    });
    const sent = audioFrame(20);
    scene.publish("a").push(sent);
    expect(frames[0]).toBe(sent);
  });

  test("that join late start with headers and the last picture group, and hear nothing old", () => {
    const scene = new Scene();
    const publication = scene.publish("a");
    pushAll(publication, metadataFrame(), videoHeader(), audioHeader(), videoKey(0), audioFrame(0));
    pushAll(publication, videoKey(40), audioFrame(50), videoDelta(80));
    const { seen } = scene.play("late");
    publication.push(audioFrame(90));
    expect(seen).toEqual([
      "video config 0 joining",
      "audio config 0 joining",
      "video key 40 joining",
      "video delta 80 joining",
      "audio key 90",
    ]);
  });

  test("that left get nothing more, and what they lost stays counted", () => {
    const scene = new Scene();
    const publication = scene.publish("a");
    const { seen, subscription } = scene.play("gone", 3);
    expect([scene.stream.playerCount, scene.stream.droppedFrameCount]).toEqual([1, 3]);
    subscription.end();
    subscription.end();
    publication.push(audioFrame(0));
    expect(seen).toEqual([]);
    expect([scene.stream.playerCount, scene.stream.droppedFrameCount]).toEqual([0, 3]);
  });

  test("that wait for a publisher are not let go because another one of them left", () => {
    const scene = new Scene();
    scene.play("patient");
    scene.play("impatient").subscription.end();
    scene.clock.advance(REPUBLISH_SECONDS * 2000);
    expect(scene.events).toEqual([]);
  });
});

describe("a publisher that leaves", () => {
  test("may come back in time; the players stay", () => {
    const scene = new Scene();
    scene.play("player");
    scene.publish("a").end();
    scene.clock.advance(REPUBLISH_SECONDS * 1000 - 1);
    scene.publish("b");
    scene.clock.advance(REPUBLISH_SECONDS * 2000);
    expect(scene.events).toEqual([]);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("and does not come back ends the players", () => {
    const scene = new Scene();
    scene.play("player");
    scene.publish("a").end();
    scene.clock.advance(REPUBLISH_SECONDS * 1000);
    expect(scene.events).toEqual(["player ended", "closed"]);
  });

  test("leaves a stream that its call retains open", () => {
    const scene = new Scene();
    scene.stream.retain();
    scene.play("player");
    scene.publish("a").end();
    scene.clock.advance(REPUBLISH_SECONDS * 2000);
    expect(scene.events).toEqual([]);
    scene.stream.close();
    scene.stream.close();
    expect(scene.events).toEqual(["player ended", "closed"]);
  });
});

describe("a publisher that takes over", () => {
  test("has the older one replaced, whose frames and end count no more", () => {
    const scene = new Scene();
    const { seen } = scene.play("player");
    const old = scene.publish("old");
    const fresh = scene.publish("fresh");
    old.push(audioFrame(5));
    old.end();
    fresh.push(audioFrame(7));
    expect(scene.events).toEqual(["old replaced"]);
    expect(seen).toEqual(["audio key 7"]);
    expect(scene.stream.publisher?.from).toBe("fresh");
    expect(scene.clock.timerCount).toBe(0);
  });

  test("goes on in time after the longest frame before it and the pause, wherever it starts itself", () => {
    const scene = new Scene();
    const { seen } = scene.play("player");
    pushAll(scene.publish("old"), videoKey(1040), audioFrame(1000));
    scene.clock.advance(300);
    pushAll(scene.publish("fresh"), audioFrame(70_000), audioFrame(70_021));
    expect(seen.slice(2)).toEqual(["audio key 1340", "audio key 1361"]);
  });

  test("never steps back or stands still in time, not even without a pause", () => {
    const scene = new Scene();
    const { seen } = scene.play("player");
    scene.publish("old").push(audioFrame(1000));
    scene.publish("fresh").push(audioFrame(0));
    expect(seen).toEqual(["audio key 1000", "audio key 1001"]);
  });

  test("may send headers at 0 before frames that start anywhere", () => {
    const scene = new Scene();
    const { seen } = scene.play("player");
    scene.publish("old").push(audioFrame(500));
    scene.clock.advance(100);
    pushAll(scene.publish("fresh"), metadataFrame(0), audioHeader(0), audioFrame(9_000_000));
    expect(seen.slice(1)).toEqual(["audio config 500", "audio key 600"]);
  });

  test("brings its own headers: the older one's are not given to whoever joins", () => {
    const scene = new Scene();
    pushAll(scene.publish("old"), metadataFrame(), videoHeader(), audioHeader(), videoKey(0));
    scene.publish("fresh");
    expect(scene.play("late").seen).toEqual([]);
    expect([scene.stream.audioCodec, scene.stream.videoCodec]).toEqual([undefined, undefined]);
  });
});

describe("tracks are settled", () => {
  test("once both have begun", () => {
    const scene = new Scene();
    const publication = scene.publish("a");
    pushAll(publication, audioHeader(), videoHeader());
    expect(scene.stream.tracksSettleInMs()).toBeUndefined();
    publication.push(audioFrame(0));
    expect(scene.stream.tracksSettleInMs()).not.toBe(0);
    publication.push(videoKey(0));
    expect(scene.stream.tracksSettleInMs()).toBe(0);
  });

  test("when the wait is over, but never by headers alone", () => {
    const scene = new Scene();
    const publication = scene.publish("a");
    publication.push(audioHeader());
    scene.clock.advance(20);
    expect(scene.stream.tracksSettleInMs()).toBeUndefined();
    publication.push(audioFrame(0));
    expect(scene.stream.tracksSettleInMs()).toBe(5);
  });

  test.each<{ name: string; named: Frame }>([
    { name: "a header", named: videoHeader() },
    { name: "metadata", named: { ...metadataFrame(), body: encodeAmf0("onMetaData", { videocodecid: 7 }) } },
  ])("only after a longer wait where $name names another track", ({ named }) => {
    const scene = new Scene();
    pushAll(scene.publish("a"), named, audioFrame(0));
    expect(scene.stream.tracksSettleInMs()).toBe(1800);
    scene.publish("b").push(audioFrame(0));
    expect(scene.stream.tracksSettleInMs()).toBe(25);
  });
});

test("counts what came in and what was handed to players", () => {
  const scene = new Scene();
  scene.play("one");
  scene.play("two");
  scene.clock.advance(40);
  const publication = scene.publish("a");
  pushAll(publication, audioHeader(), audioFrame(0, 10));
  const before = scene.stream.deliveredByteCount;
  publication.push(audioFrame(21, 10));
  expect(scene.stream.deliveredByteCount - before).toBe(20);
  expect(scene.stream).toMatchObject({
    byteCount: 24,
    lastPushedAtMs: scene.clock.startMs + 40,
  });
});
