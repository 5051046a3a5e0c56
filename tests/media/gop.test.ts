import { expect, test } from "bun:test";
import { GopCache } from "../../src/media/gop.ts";
import { audioFrame, nameFrames, videoDelta, videoHeader, videoKey } from "./frames.ts";

function cacheOf(...frames: Parameters<GopCache["push"]>[0][]): GopCache {
  const cache = new GopCache();
  for (const frame of frames) cache.push(frame);
  return cache;
}

test("keeps the video since the last key frame, and neither sound nor headers", () => {
  const cache = cacheOf(
    videoHeader(),
    ...[videoKey(0), audioFrame(0), videoDelta(40)],
    ...[videoKey(80), audioFrame(90), videoDelta(120), videoDelta(160)],
  );
  expect(nameFrames(cache.frames)).toEqual(["video key 80", "video delta 120", "video delta 160"]);
});

test("keeps nothing before the first key frame", () => {
  expect(cacheOf(videoDelta(0), videoDelta(40)).frames).toEqual([]);
});

test("forgets a group of more than 900 frames until the next key frame", () => {
  const cache = cacheOf(videoKey(0));
  for (let count = 1; count < 900; count++) cache.push(videoDelta(count));
  expect(cache.frames).toHaveLength(900);
  cache.push(videoDelta(900));
  expect(cache.frames).toEqual([]);
  cache.push(videoDelta(901));
  expect(cache.frames).toEqual([]);
  cache.push(videoKey(902));
  expect(cache.frames).toHaveLength(1);
});

test("forgets a group of more than 8 MiB", () => {
  const half = 4 * 1024 * 1024;
  const cache = cacheOf(videoKey(0, half), videoDelta(40, half));
  expect(cache.frames).toHaveLength(2);
  cache.push(videoDelta(80, 1));
  expect(cache.frames).toEqual([]);
});

test("frames that were handed out stay as they were", () => {
  const cache = cacheOf(videoKey(0));
  const handedOut = cache.frames;
  cache.clear();
  expect(nameFrames(handedOut)).toEqual(["video key 0"]);
});
