import { expect, test } from "bun:test";
import { DeadlineHeap } from "../../../src/protocols/sip/deadline-heap.ts";
import { seedRandom } from "../../codecs/pcm/signals.ts";

const NEVER = Number.POSITIVE_INFINITY;

test("nothing is due in an empty heap", () => {
  const heap = new DeadlineHeap<string>();
  expect([heap.size, heap.nextMs, heap.takeDue(1e9)]).toEqual([0, NEVER, undefined]);
  heap.delete("unknown");
  heap.set("unknown", NEVER);
  expect(heap.size).toBe(0);
});

test("items come out by their last deadlines, each once, at the deadline itself and not before", () => {
  const heap = new DeadlineHeap<string>();
  for (const [item, dueMs] of [
    ["a", 30],
    ["b", 10],
    ["c", 20],
    ["a", 5],
    ["b", 40],
  ] as const)
    heap.set(item, dueMs);
  expect([heap.size, heap.nextMs]).toEqual([3, 5]);
  expect(heap.takeDue(4)).toBeUndefined();
  expect([heap.takeDue(40), heap.takeDue(40), heap.takeDue(40), heap.takeDue(40)]).toEqual([
    "a",
    "c",
    "b",
    undefined,
  ]);
});

test.each([1, 2, 3, 4, 5])("always says the same as a list that is searched whole, seed %d", (seed) => {
  const random = seedRandom(seed);
  const heap = new DeadlineHeap<number>();
  const model = new Map<number, number>();
  let nowMs = 0;
  const draw = (limit: number) => Math.floor(random() * limit);
  for (let turn = 0; turn < 4000; turn++) {
    const item = draw(200);
    switch (draw(4)) {
      case 0:
      case 1: {
        const dueMs = nowMs + draw(50);
        heap.set(item, dueMs);
        model.set(item, dueMs);
        break;
      }
      case 2:
        heap.delete(item);
        model.delete(item);
        break;
      default: {
        nowMs += draw(6);
        const taken = heap.takeDue(nowMs);
        const earliestMs = Math.min(NEVER, ...model.values());
        if (taken === undefined) expect(earliestMs).toBeGreaterThan(nowMs);
        else {
          expect(model.get(taken)).toBe(earliestMs);
          expect(earliestMs).toBeLessThanOrEqual(nowMs);
          model.delete(taken);
        }
      }
    }
    expect(heap.size).toBe(model.size);
    expect(heap.nextMs).toBe(Math.min(NEVER, ...model.values()));
  }
});
