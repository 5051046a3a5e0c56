import { describe, expect, test } from "bun:test";
import { ArrivalLine } from "../../../../src/media/audio/playout/arrival-line.ts";
import { seedRandom } from "../../../codecs/pcm/signals.ts";

const FRAME_MS = 1024 / 48;

type Seen = { readonly line: ArrivalLine; readonly latenessMs: number[]; readonly risenMs: number };

/** Frames for `seconds` from a clock that is `driftPpm` fast; `delayMs` is what the network adds. */
function watch(seconds: number, driftPpm: number, delayMs: (sentMs: number) => number): Seen {
  const line = new ArrivalLine();
  const latenessMs: number[] = [];
  let risenMs = 0;
  for (let mediaMs = 0; mediaMs < seconds * 1000; mediaMs += FRAME_MS) {
    const sentMs = 1e6 + mediaMs / (1 + driftPpm / 1e6);
    const nowMs = sentMs + delayMs(sentMs - 1e6);
    latenessMs.push(line.observe(Math.round(mediaMs), nowMs));
    risenMs += line.renew(nowMs);
  }
  return { line, latenessMs, risenMs };
}

const last = (values: readonly number[], count: number) => values.slice(-count);

describe.each([0, 20, 100])("with %d ms of jitter", (jitterMs) => {
  const random = seedRandom(1);

  test.each([0, 50, -200, 5000, -5000])("measures a clock that is %d ppm fast", (driftPpm) => {
    const { line, latenessMs } = watch(120, driftPpm, () => jitterMs * random());
    expect(Math.abs(line.driftPpm - driftPpm)).toBeLessThan(40 + jitterMs * 3);
    expect(Math.max(...last(latenessMs, 2000))).toBeLessThanOrEqual(jitterMs + 4);
    const mean = last(latenessMs, 2000).reduce((sum, late) => sum + late, 0) / 2000;
    expect(Math.abs(mean - jitterMs / 2)).toBeLessThan(3);
  });
});

test("a slower path is believed after half a minute, a faster one at once, and neither is taken for drift", () => {
  const slower = watch(30, 0, (ms) => (ms > 10_000 ? 150 : 0));
  expect(last(slower.latenessMs, 10).every((late) => Math.abs(late - 150) < 2)).toBe(true);
  expect(Math.abs(slower.line.driftPpm)).toBeLessThan(50);
  const later = watch(50, 0, (ms) => (ms > 10_000 ? 150 : 0));
  expect(Math.max(...last(later.latenessMs, 10))).toBeLessThan(2);
  expect(Math.abs(later.risenMs - 150)).toBeLessThan(2);
  const faster = watch(12, 0, (ms) => (ms > 10_000 ? 0 : 150));
  expect(Math.max(...last(faster.latenessMs, 10))).toBeLessThan(2);
  expect(Math.abs(watch(40, 0, (ms) => (ms > 10_000 ? 0 : 150)).line.driftPpm)).toBeLessThan(50);
});

test("a stall delays its frames and nothing else", () => {
  const { latenessMs, line, risenMs } = watch(40, 0, (ms) => (ms > 20_000 && ms < 20_500 ? 20_500 - ms : 0));
  expect(Math.max(...latenessMs)).toBeGreaterThan(470);
  expect(Math.max(...last(latenessMs, 800))).toBeLessThan(2);
  expect(risenMs).toBeLessThan(2);
  expect(Math.abs(line.driftPpm)).toBeLessThan(50);
});

test("begins anew after a reset", () => {
  const { line } = watch(60, 5000, () => 0);
  line.reset();
  expect(line.isDrawn).toBe(false);
  expect(line.observe(0, 2e6)).toBe(0);
  expect(line.offsetAtMs(2e6 + 1000)).toBe(2e6);
});
