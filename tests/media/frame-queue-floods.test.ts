import { expect, test } from "bun:test";
import type { Frame } from "../../src/media/frame.ts";
import { FrameQueue } from "../../src/media/frame-queue.ts";
import { audioFrame, metadataFrame, nameFrame, videoDelta, videoHeader, videoKey } from "./frames.ts";

const LIMITS = { maxAgeMs: 500, maxBytes: 1_000_000 };

function push(queue: FrameQueue, frame: Frame): void {
  if (queue.admits(frame)) queue.push(frame, frame.timestampMs);
}

function drain(queue: FrameQueue): string[] {
  const names: string[] = [];
  for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) names.push(nameFrame(frame));
  return names;
}

test.each([
  ["sound", (at: number) => audioFrame(at, 1)],
  ["key frames", (at: number) => videoKey(at, 1)],
  ["key frames with headers", (at: number) => ((at * 1000) % 2 < 1 ? videoHeader(at) : videoKey(at, 1))],
  ["pictures", (at: number) => (at === 0 ? videoKey(at, 1) : videoDelta(at, 1))],
  ["metadata and sound", (at: number) => ((at * 1000) % 2 < 1 ? metadataFrame(at) : audioFrame(at, 1))],
])("a flood of tiny %s takes bounded memory", (_, make) => {
  const queue = new FrameQueue(LIMITS);
  let longest = 0;
  for (let count = 0; count < 100_000; count++) {
    push(queue, make(count / 1000));
    longest = Math.max(longest, queue.length);
  }
  expect(longest).toBeLessThanOrEqual(2_000);
});

test("of a flood the newest frames are left, and the others are counted", () => {
  const queue = new FrameQueue(LIMITS);
  for (let count = 0; count <= 2_000; count++) push(queue, audioFrame(count / 100, 1));
  expect([queue.length, queue.byteCount, queue.droppedCount]).toEqual([1_500, 1_500, 501]);
  expect(drain(queue).at(-1)).toBe("audio key 20");
});

test("headers in a row whose frames were all dropped at once leave the newest", () => {
  const queue = new FrameQueue(LIMITS);
  for (let count = 0; count < 10; count++) {
    push(queue, videoHeader(count));
    push(queue, videoKey(count));
  }
  queue.trim(10_000);
  expect(drain(queue)).toEqual(["video config 9"]);
  expect(queue.byteCount).toBe(0);
});
