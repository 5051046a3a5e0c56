import { expect, test } from "bun:test";
import { ReorderBuffer } from "../../../../src/media/sound/telephone/reorder-buffer.ts";
import { packetOf } from "./packets.ts";

/** What came out, as "sequence number @ time", with R for a restart. */
function startRecording() {
  const out: string[] = [];
  const buffer = new ReorderBuffer({
    onPacket: ({ sequenceNumber }, nowMs) => out.push(`${sequenceNumber}@${nowMs}`),
    onRestart: () => out.push("R"),
  });
  const push = (index: number, nowMs: number, ssrc = 1) => buffer.push(packetOf(index, { ssrc }), nowMs);
  return { buffer, push, takeOut: () => out.splice(0).join(" ") };
}

test("packets in order pass at once, also over the end of the numbers and in bursts", () => {
  const { buffer, push, takeOut } = startRecording();
  push(65_534, 0);
  push(65_535, 20);
  push(65_536, 40);
  expect(takeOut()).toBe("R 65534@0 65535@20 0@40");
  for (let index = 65_537; index < 65_587; index++) push(index, 1_060);
  expect(takeOut().split(" ")).toHaveLength(50);
  expect(buffer.counters).toEqual({ duplicates: 0, late: 0, lost: 0, restarts: 0 });
});

test("without a history of reordering a gap is a loss at once", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(3, 60);
  expect(takeOut()).toBe("R 0@0 3@60");
  expect(buffer.counters.lost).toBe(2);
});

test("a late packet is counted and teaches to wait as long as it took", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(2, 40);
  push(1, 50);
  expect(buffer.counters).toMatchObject({ late: 1, lost: 1 });
  expect(buffer.waitMs).toBe(15);
  takeOut();
  push(4, 80);
  expect(takeOut()).toBe("");
  push(3, 90);
  expect(takeOut()).toBe("3@90 4@90");
  expect(buffer.counters.late).toBe(1);
});

test("the wait ends by itself, then the loss is declared and what is held goes on", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(2, 40);
  push(1, 70);
  takeOut();
  push(4, 80);
  push(6, 100);
  buffer.release(110);
  expect(takeOut()).toBe("");
  buffer.release(116);
  expect(takeOut()).toBe("4@116");
  buffer.release(136);
  expect(takeOut()).toBe("6@136");
});

test("the wait is forgotten while packets come in order, and never exceeds 60 ms", () => {
  const { buffer, push } = startRecording();
  push(0, 0);
  push(2, 40);
  push(1, 99);
  expect(buffer.waitMs).toBe(60);
  push(4, 180);
  push(3, 400);
  expect(buffer.waitMs).toBeLessThanOrEqual(60);
  for (let index = 5; index < 5_005; index++) push(index, 20 * index);
  expect(buffer.waitMs).toBe(0);
});

test("duplicates are dropped: of what was handed out, what is held and what came late", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(0, 1);
  push(2, 40);
  push(1, 60);
  push(1, 61);
  push(4, 80);
  push(4, 81);
  expect(buffer.counters).toMatchObject({ duplicates: 3, late: 1 });
  push(3, 82);
  push(4, 83);
  expect(takeOut()).toBe("R 0@0 2@40 3@82 4@82");
  expect(buffer.counters.duplicates).toBe(4);
});

test("another sender starts at once, after what was held of the one before", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(2, 40);
  push(1, 50);
  push(4, 80);
  takeOut();
  push(40_000, 85, 2);
  push(40_001, 105, 2);
  expect(takeOut()).toBe("4@85 R 40000@85 40001@105");
  expect(buffer.counters.restarts).toBe(1);
});

test("one stray number is dropped, two in a row are a restart", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(30_000, 20);
  push(1, 21);
  expect(takeOut()).toBe("R 0@0 1@21");
  push(30_000, 40);
  push(30_001, 60);
  expect(takeOut()).toBe("R 30001@60");
  expect(buffer.counters).toMatchObject({ restarts: 1, lost: 0 });
});

test("what is held is bounded: a burst behind a gap pushes it out", () => {
  const { buffer, push, takeOut } = startRecording();
  push(0, 0);
  push(2, 20);
  push(1, 70);
  takeOut();
  for (let index = 4; index < 40; index++) push(index, 80);
  expect(takeOut().split(" ")[0]).toBe("4@80");
  expect(takeOut()).toBe("");
  expect(buffer.counters.lost).toBe(2);
});

test("what is held is a copy: the caller may reuse its bytes", () => {
  const payloads: number[] = [];
  const buffer = new ReorderBuffer({
    onPacket: ({ payload }) => payloads.push(payload[0] ?? -1),
    onRestart: () => {},
  });
  const payload = Uint8Array.of(0);
  const push = (index: number, nowMs: number) => {
    payload[0] = index;
    buffer.push(packetOf(index, { payload }), nowMs);
  };
  push(0, 0);
  push(2, 40);
  push(1, 50);
  push(4, 60);
  push(3, 61);
  expect(payloads).toEqual([0, 2, 3, 4]);
});

test.each([1, 20, 99])(
  "a sender that starts anew %d numbers behind is heard after three packets",
  (behind) => {
    const { buffer, push, takeOut } = startRecording();
    for (let index = 0; index < 200; index++) push(index, index * 20);
    takeOut();
    for (let n = 0; n < behind + 50; n++) push(200 - behind + n, 5_000 + n * 20);
    const heard = takeOut().split(" ").slice(1);
    if (behind < 3) expect(heard).toHaveLength(49);
    else expect(heard).toHaveLength(behind + 48);
    expect(buffer.counters.restarts).toBe(behind < 3 ? 0 : 1);
  },
);

test("old packets that come at once start nothing anew", () => {
  const { buffer, push } = startRecording();
  for (let index = 0; index < 50; index++) push(index, index * 20);
  for (let index = 20; index < 50; index++) push(index, 1_000);
  for (let index = 60; index < 70; index++) push(index, 1_200);
  for (let index = 50; index < 60; index++) push(index, 1_201);
  expect(buffer.counters).toMatchObject({ duplicates: 30, restarts: 0, late: 10 });
});
