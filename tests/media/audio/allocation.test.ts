import { expect, test } from "bun:test";
import { measureTenMinutes, TEN_MINUTES_PACKETS } from "../../bench/audio/heap.ts";

test("ten minutes of a call, 30,000 packets each way, allocate nothing", async () => {
  const { allocatedBytes, collectionCount } = await measureTenMinutes();
  console.log({ allocatedBytes, collectionCount });
  expect(collectionCount).toBe(0);
  // What the compiler of a hot function leaves, but not one object per packet.
  expect(allocatedBytes).toBeLessThan(10 * TEN_MINUTES_PACKETS);
});
