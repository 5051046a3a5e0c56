import { expect, test } from "bun:test";
import type { Frame } from "../../src/media/frame.ts";
import { LeaveOld } from "../../src/media/leave-old.ts";
import { Standstill } from "../../src/media/standstill.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function startLine() {
  const clock = new FakeClock();
  const standstill = new Standstill(clock);
  const out: string[] = [];
  const stage = new LeaveOld(
    standstill,
    {
      push: ({ kind, role, timestampMs }) => void out.push(`${kind[0]}${role[0]}${timestampMs}`),
    },
    clock.nowMs(),
  );
  const push = (kind: "audio" | "video", timestampMs: number, role: Frame["role"] = "key") => {
    const frame = { kind, codec: "unknown", role, timestampMs, body: new Uint8Array(1), wire: [] };
    stage.push(frame as Frame, clock.nowMs());
  };
  /** Sound and pictures at their pace, a key frame each second. */
  const talk = (fromMs: number, toMs: number, stepMs = 100) => {
    for (let ms = fromMs; ms < toMs; ms += 100) {
      push("audio", ms);
      push("video", ms, ms % 1_000 === 0 ? "key" : "delta");
      if (stepMs > 0) clock.advance(stepMs);
    }
  };
  return { clock, standstill, talk, push, takeOut: () => out.splice(0) };
}

test("what was sent while the program stood still is left out, and pictures go on from a key frame", () => {
  const { clock, talk, takeOut } = startLine();
  talk(0, 1_000);
  expect(takeOut()).toHaveLength(20);
  clock.skip(9_500);
  talk(1_000, 10_500, 0);
  talk(10_500, 12_000);
  const out = takeOut();
  expect(out.filter((frame) => frame.startsWith("a"))[0]).toBe("ak10200");
  expect(out.filter((frame) => frame.startsWith("v"))[0]).toBe("vk11000");
  expect(out.at(-1)).toBe("vd11900");
});

test("headers pass always", () => {
  const { clock, talk, push, takeOut } = startLine();
  talk(0, 1_000);
  takeOut();
  clock.skip(5_000);
  push("audio", 1_000, "config");
  push("audio", 1_000);
  expect(takeOut()).toEqual(["ac1000"]);
});

test("a publisher whose clock stood still, too, is heard again soon", () => {
  const { clock, talk, takeOut } = startLine();
  talk(0, 1_000);
  takeOut();
  clock.skip(5_000);
  talk(1_000, 5_000);
  expect(takeOut()[0]).toBe("ak3000");
});

test("what is late while the program runs is handed on", () => {
  const { clock, talk, takeOut } = startLine();
  talk(0, 1_000);
  clock.advance(5_000);
  talk(1_000, 6_000, 0);
  expect(takeOut()).toHaveLength(120);
});

test("a publisher that comes after a standstill has nothing to leave out", () => {
  const clock = new FakeClock();
  using standstill = new Standstill(clock);
  clock.skip(5_000);
  standstill.look(clock.nowMs());
  let count = 0;
  const stage = new LeaveOld(standstill, { push: () => void count++ }, clock.nowMs());
  const frame: Omit<Frame & { kind: "audio" }, "timestampMs"> = {
    ...{ kind: "audio", codec: "AAC", role: "key" },
    ...{ body: new Uint8Array(1), wire: [] },
  };
  for (let ms = 0; ms < 5_000; ms += 20) stage.push({ ...frame, timestampMs: ms }, clock.nowMs());
  expect(count).toBe(250);
});
