import { describe, expect, test } from "bun:test";
import type { Frame } from "../../src/media/frame.ts";
import { FrameQueue } from "../../src/media/frame-queue.ts";
import {
  audioFrame,
  audioHeader,
  metadataFrame,
  nameFrame,
  videoDelta,
  videoHeader,
  videoKey,
} from "./frames.ts";

const LIMITS = { maxAgeMs: 500, maxBytes: 1000 };

/** Pushes each frame at the time that it carries, as the sessions do. */
function push(queue: FrameQueue, ...frames: readonly Frame[]): void {
  for (const frame of frames) if (queue.admits(frame)) queue.push(frame, frame.timestampMs);
}

function drain(queue: FrameQueue): string[] {
  const names: string[] = [];
  for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) names.push(nameFrame(frame));
  return names;
}

test("gives frames back in order and counts their bytes", () => {
  const queue = new FrameQueue(LIMITS);
  push(queue, audioHeader(), audioFrame(0), audioFrame(20));
  expect([queue.length, queue.byteCount]).toEqual([3, 24]);
  expect(drain(queue)).toEqual(["audio config 0", "audio key 0", "audio key 20"]);
  expect([queue.length, queue.byteCount, queue.droppedCount]).toEqual([0, 0, 0]);
});

describe("what is too old", () => {
  test("goes, oldest first, and is counted", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, audioFrame(0), audioFrame(300), audioFrame(501));
    expect(queue.droppedCount).toBe(1);
    expect(drain(queue)).toEqual(["audio key 300", "audio key 501"]);
  });

  test("may be as old as the limit", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, audioFrame(0));
    queue.trim(500);
    expect(queue.length).toBe(1);
    queue.trim(501);
    expect([queue.length, queue.droppedCount]).toEqual([0, 1]);
  });

  test("takes all video up to the next key frame with it, and leaves the sound between", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, videoKey(0), videoDelta(40), audioFrame(50), videoDelta(80), videoKey(120), videoDelta(160));
    queue.trim(530);
    expect(drain(queue)).toEqual(["audio key 50", "video key 120", "video delta 160"]);
    expect(queue.droppedCount).toBe(3);
  });

  test("lets no video through before the next key frame when there is none waiting", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, videoKey(0), videoDelta(40));
    queue.trim(600);
    expect(queue.length).toBe(0);
    expect([queue.admits(videoDelta(640)), queue.admits(audioFrame(650))]).toEqual([false, true]);
    expect([queue.admits(videoKey(680)), queue.admits(videoDelta(720))]).toEqual([true, true]);
    expect(queue.droppedCount).toBe(3);
  });

  test("never takes headers and metadata", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, metadataFrame(), videoHeader(), audioHeader(), audioFrame(0));
    queue.trim(10_000);
    expect(drain(queue)).toEqual(["data metadata 0", "video config 0", "audio config 0"]);
  });
});

test("drops frames beyond the limit of bytes, oldest first", () => {
  const queue = new FrameQueue(LIMITS);
  push(queue, audioFrame(0, 400), audioFrame(1, 400), audioFrame(2, 400));
  expect(queue.byteCount).toBe(800);
  expect(drain(queue)).toEqual(["audio key 1", "audio key 2"]);
});

test("video that starts without a key frame is not admitted, and not counted as lost", () => {
  const queue = new FrameQueue(LIMITS);
  expect(queue.admits(videoDelta(0))).toBe(false);
  expect(queue.admits(videoHeader())).toBe(true);
  expect(queue.droppedCount).toBe(0);
});

describe("a newer header", () => {
  test("replaces one that no frame needs any more", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, videoHeader(0), audioFrame(10), videoHeader(20), metadataFrame(30), metadataFrame(40));
    expect(drain(queue)).toEqual(["audio key 10", "video config 20", "data metadata 40"]);
    expect(queue.droppedCount).toBe(0);
  });

  test("leaves the older one to the frames that were coded for it", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, videoHeader(0), videoKey(10), videoHeader(20), videoKey(30));
    expect(drain(queue)).toEqual(["video config 0", "video key 10", "video config 20", "video key 30"]);
  });

  test("outlives the older one once its frames were dropped, so that headers cannot pile up", () => {
    const queue = new FrameQueue(LIMITS);
    for (let count = 0; count < 100; count++) push(queue, videoHeader(count), videoKey(count, 600));
    expect(drain(queue)).toEqual(["video config 99", "video key 99"]);
    expect([queue.byteCount, queue.droppedCount]).toEqual([0, 99]);
  });
});

describe("pictures without a key frame", () => {
  test("are admitted after four seconds: there may be none at all", () => {
    const queue = new FrameQueue({ ...LIMITS, maxAgeMs: 100_000 });
    push(queue, ...[0, 2000, 3999, 4000, 4040].map((timestampMs) => videoDelta(timestampMs)));
    expect(drain(queue)).toEqual(["video delta 4000", "video delta 4040"]);
  });

  test("are not, once there was one, however long they wait for the next", () => {
    const queue = new FrameQueue(LIMITS);
    push(queue, videoKey(0), videoDelta(40));
    queue.trim(600);
    push(queue, videoDelta(640), videoDelta(9000));
    expect(drain(queue)).toEqual([]);
  });
});
