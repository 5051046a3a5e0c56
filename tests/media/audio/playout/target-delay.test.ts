import { expect, test } from "bun:test";
import { TargetDelay } from "../../../../src/media/audio/playout/target-delay.ts";

/** Half-second intervals, each with a few frames, of which the latest is `latestMs(interval)` late. */
function watch(
  target: TargetDelay,
  fromMs: number,
  count: number,
  latestMs: (interval: number) => number,
): void {
  for (let interval = 0; interval < count; interval++) {
    for (const [n, share] of [0.2, 1, 0.5].entries()) {
      target.observe(latestMs(interval) * share, fromMs + interval * 500 + n * 100);
    }
  }
}

test.each([
  [10, 60],
  [20, 60],
  [30, 60],
  [60, 75],
])("starts as pulls of %d ms need it, at %d ms", (frameMs, startMs) => {
  expect(new TargetDelay(frameMs).targetMs).toBe(startMs);
});

test("falls to 40 ms on an even network, slowly", () => {
  const target = new TargetDelay(20);
  watch(target, 0, 20, () => 1);
  expect(target.targetMs).toBe(60);
  watch(target, 10_000, 60, () => 1);
  expect(target.targetMs).toBe(40);
});

test.each([
  [30, 65],
  [99, 130],
  [250, 285],
  [2000, 400],
])("rises within 2 s to what frames late by %d ms need: %d ms", (lateMs, neededMs) => {
  const target = new TargetDelay(20);
  watch(target, 0, 20, () => 1);
  watch(target, 10_000, 4, () => lateMs);
  expect(target.targetMs).toBe(neededMs);
});

test("forgives one late burst in 20 s, believes the second", () => {
  const target = new TargetDelay(20);
  watch(target, 0, 60, () => 1);
  watch(target, 30_000, 6, (interval) => (interval === 2 ? 300 : 1));
  expect(target.targetMs).toBeLessThanOrEqual(60);
  watch(target, 33_000, 6, (interval) => (interval === 2 ? 300 : 1));
  expect(target.targetMs).toBeGreaterThan(300);
});

test("falls by 20 ms a second at most", () => {
  const target = new TargetDelay(20);
  watch(target, 0, 10, () => 300);
  let before = target.targetMs;
  for (let second = 0; second < 120; second++) {
    watch(target, 5000 + second * 1000, 2, () => 1);
    expect(before - target.targetMs).toBeLessThanOrEqual(20);
    before = target.targetMs;
  }
  expect(before).toBe(40);
});

test("what was late is not late any more once the fastest path takes as long", () => {
  const target = new TargetDelay(20);
  watch(target, 0, 100, () => 151);
  expect(target.targetMs).toBe(185);
  for (let ms = 0; ms < 150; ms += 1.5) target.rise(1.5);
  expect(target.targetMs).toBeLessThanOrEqual(45);
  target.rise(1e9);
  expect(target.targetMs).toBe(40);
});

test("forgets all at a reset", () => {
  const target = new TargetDelay(20);
  watch(target, 0, 100, () => 300);
  target.reset();
  expect(target.targetMs).toBe(60);
});
