import { expect, test } from "bun:test";
import { LineMedia } from "../../src/voice/line-media.ts";

const MEDIA = {
  concealedMs: 1.5,
  shortenedMs: 2,
  lengthenedMs: 3,
  droppedMs: 4,
  lateFrames: 5,
  damagedFrames: 6,
  driftPpm: -7,
  receivedPackets: 8,
  lostPackets: -9,
  latePackets: 10,
  foreignPackets: 11,
  badPackets: 12,
  jitterMs: 13.25,
  sentPackets: 14,
  unsentPackets: 15,
  lostPacketsThere: 16,
  roundTripMs: 17.5,
};

test("both sides see one line's counters", () => {
  const here = new LineMedia();
  const there = new LineMedia(here.memory);
  for (const [name, number] of Object.entries(here.read())) {
    expect(number, name).toBe(name === "lostPacketsThere" || name === "roundTripMs" ? undefined : 0);
  }
  expect(here.silentMs).toBeUndefined();
  there.write(MEDIA, 40);
  expect(here.read()).toEqual(MEDIA);
  expect(here.silentMs).toBe(40);
  there.write({ ...MEDIA, lostPacketsThere: undefined, roundTripMs: undefined }, 0);
  expect(here.read().lostPacketsThere).toBeUndefined();
  expect(here.silentMs).toBe(0);
});
