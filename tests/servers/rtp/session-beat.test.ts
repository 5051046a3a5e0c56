import { expect, test } from "bun:test";
import { AUDIO, startSession } from "./fake-ports.ts";

test("the beat comes once in each packet time, with and without sound, held or not", () => {
  const { session, clock, beats } = startSession({ ...AUDIO, ptimeMs: 30 });
  clock.advance(90);
  session.update({ ...AUDIO, ptimeMs: 30, direction: "recvonly" });
  clock.advance(60);
  expect(beats.map((atMs, index) => atMs - (beats[index - 1] ?? atMs - 30))).toEqual([30, 30, 30, 30, 30]);
});

test("a listener that fails at the beat costs no packets", () => {
  let count = 0;
  const { clock, ports } = startSession(AUDIO, {
    onBeat() {
      count++;
      throw new Error("broken");
    },
  });
  clock.advance(200);
  expect([count, ports.rtp.length]).toEqual([1, 10]);
});
