import { expect, test } from "bun:test";
import { GopCache } from "../../src/media/gop.ts";
import { nameFrames, videoDelta, videoHeader, videoKey } from "./frames.ts";

test("a header that repeats the one before keeps the pictures", () => {
  const gop = new GopCache();
  for (const frame of [videoHeader(0), videoKey(40), videoHeader(60), videoDelta(80)]) gop.push(frame);
  expect(gop.header?.timestampMs).toBe(60);
  expect(nameFrames(gop.frames)).toEqual(["video key 40", "video delta 80"]);
});

test("another header, as of a camera that was turned, drops the pictures that were coded for the one before", () => {
  const gop = new GopCache();
  const turned = { ...videoHeader(60), body: Uint8Array.of(1, 2, 3) };
  for (const frame of [videoHeader(0), videoKey(40), turned, videoDelta(80)]) gop.push(frame);
  expect(gop.header).toBe(turned);
  expect(gop.frames).toEqual([]);
  gop.push(videoKey(120));
  expect(nameFrames(gop.frames)).toEqual(["video key 120"]);
});

test("clearing forgets the header too", () => {
  const gop = new GopCache();
  gop.push(videoHeader());
  gop.clear();
  expect(gop.header).toBeUndefined();
});
