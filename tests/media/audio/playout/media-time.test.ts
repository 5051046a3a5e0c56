import { expect, test } from "bun:test";
import { MediaTime } from "../../../../src/media/audio/playout/media-time.ts";

const FRAME_MS = 21.3;

test("goes on where timestamps wrap", () => {
  const time = new MediaTime();
  const first = time.unwrap(2 ** 32 - 10);
  expect(time.unwrap(11) - first).toBe(21);
  expect(time.unwrap(2 ** 32 - 10) - first).toBe(0);
});

test.each([
  [0, "whole"],
  [-15, "whole"],
  [-20, "seam"],
  [15, "whole"],
  [FRAME_MS, "gap"],
  [3 * FRAME_MS, "gap"],
  [101, "break"],
  [-101, "break"],
  [Number.NaN, "break"],
] as const)("a frame that is off by %d ms: %s", (errorMs, sequel) => {
  expect(new MediaTime().judge(errorMs, FRAME_MS)).toBe(sequel);
});

test("where timestamps are bad, no gap is believed until they were good for a while", () => {
  const time = new MediaTime();
  for (let frame = 0; frame < 20; frame++) time.judge(frame % 2 === 0 ? 15 : -15, FRAME_MS);
  expect(time.judge(FRAME_MS, FRAME_MS)).toBe("seam");
  for (let frame = 0; frame < 60; frame++) time.judge(0.3, FRAME_MS);
  expect(time.judge(FRAME_MS, FRAME_MS)).toBe("gap");
});
