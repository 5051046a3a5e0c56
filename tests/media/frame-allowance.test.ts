import { expect, test } from "bun:test";
import { createLogger } from "../../src/log.ts";
import { StreamRegistry } from "../../src/media/stream-registry.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

test("a stream takes what a network held back, and files at twenty times their pace, and no flood", () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line), clock });
  const stream = new StreamRegistry({ clock, log, republishSeconds: 0 }).open("key");
  let heardCount = 0;
  let floodCount = 0;
  stream.subscribe({
    droppedFrameCount: () => 0,
    onFrame({ kind }) {
      if (kind === "audio") heardCount += 1;
    },
    onEnd() {},
  });
  const publication = stream.publish({
    from: "192.0.2.1",
    protocol: "rtmp",
    onReplaced() {},
    onFlood: () => void floodCount++,
  });
  let timestampMs = 0;
  const push = (count: number) => {
    heardCount = 0;
    for (let n = 0; n < count; n++) {
      const body = Uint8Array.of(0x72, 1);
      publication.push({
        kind: "audio",
        codec: "G711A",
        role: "key",
        timestampMs: timestampMs++,
        body,
        wire: [],
      });
    }
    return heardCount;
  };
  expect(push(20_000)).toBe(20_000);
  expect(push(1_000)).toBe(0);
  expect(lines.filter((line) => line.includes(" warn stream.frame-flood "))).toHaveLength(1);
  expect(floodCount).toBe(1);
  clock.advance(1_000);
  expect(push(5_000)).toBe(3_000);
  for (let second = 0; second < 30; second++) {
    clock.advance(1_000);
    expect(push(2_000)).toBe(2_000);
  }
});
