import { expect, test } from "bun:test";
import { matchMarks, PacketLine } from "./packet-line.ts";

test("lateness is against the earliest packet, on the line of the timestamps, across their wraps", () => {
  const line = new PacketLine();
  const first = 2 ** 32 - 160;
  for (const [n, atMs] of [1005, 1020, 1047, 1060].entries()) {
    line.add(atMs, (0xfffe + n) & 0xffff, (first + n * 160) >>> 0);
  }
  expect(line.finish()).toEqual({ latenessMs: [5, 0, 7, 0], lost: 0, leftOut: 0 });
});

test("a gap of the numbers is a loss, one of the times alone was left out", () => {
  const line = new PacketLine();
  line.add(0, 1, 0);
  line.add(60, 4, 480);
  line.add(120, 5, 960);
  expect(line.finish()).toEqual({ latenessMs: [0, 0, 0], lost: 2, leftOut: 2 });
});

test("what is heard belongs to what was said last, unless that is too long ago", () => {
  expect(matchMarks([0, 400, 800], [-5, 30, 450, 1200], 300)).toEqual([30, 50]);
});
