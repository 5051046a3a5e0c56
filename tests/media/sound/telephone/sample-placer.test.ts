import { describe, expect, test } from "bun:test";
import { decodeALaw, encodeALaw } from "../../../../src/codecs/g711/a-law.ts";
import { encodeULaw } from "../../../../src/codecs/g711/u-law.ts";
import { FromTelephone } from "../../../../src/media/sound/telephone/from-telephone.ts";
import { SamplePlacer } from "../../../../src/media/sound/telephone/sample-placer.ts";
import type { TelephonePacket } from "../../../../src/media/sound/telephone/telephone-packet.ts";
import { seedRandom } from "../../../codecs/pcm/signals.ts";
import { packetOf } from "./packets.ts";

const PACKET_MS = 20;
const LOUD = encode(Float32Array.from({ length: 160 }, (_, n) => 0.3 * Math.sin(n / 3)));
const LOUD_LONG = encode(Float32Array.from({ length: 1920 }, (_, n) => 0.3 * Math.sin(n / 3)));
const QUIET = encode(new Float32Array(160));

function encode(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  encodeALaw(samples, bytes);
  return bytes;
}

/** A placer with a clock that ticks it each packet time, and everything that came out. */
function startLine() {
  const out: number[] = [];
  const placer = new SamplePlacer("PCMA", (samples) => out.push(...samples));
  let nowMs = 1_000;
  placer.onRestart();
  return {
    placer,
    out,
    counters: placer.counters,
    nowMs: () => nowMs,
    push: (index: number, given: Partial<TelephonePacket> = {}) =>
      placer.onPacket(packetOf(index, { payload: LOUD, ...given }), nowMs),
    wait: (ms: number) => {
      for (const endMs = nowMs + ms; nowMs < endMs; ) {
        nowMs += PACKET_MS;
        placer.fillUp(nowMs);
      }
    },
    lengthMs: () => out.length / 8,
    /** Packets from..to at their pace. */
    talk(from: number, to: number, given: Partial<TelephonePacket> = {}) {
      for (let index = from; index < to; index++) {
        this.push(index, given);
        this.wait(PACKET_MS);
      }
    },
  };
}

test("what comes in order comes out at once and unchanged", () => {
  const line = startLine();
  const expected = new Float32Array(160);
  decodeALaw(LOUD, expected);
  line.push(0);
  expect(line.out).toEqual([...expected]);
  line.wait(20);
  line.push(1);
  expect(line.out).toEqual([...expected, ...expected]);
  expect(line.counters).toEqual({ filledMs: 0, skippedMs: 0, tooLate: 0, resyncs: 0, malformed: 0 });
});

test("lost packets are filled as soon as the next one is there", () => {
  const line = startLine();
  line.talk(0, 10);
  line.wait(40);
  line.push(12);
  expect(line.lengthMs()).toBe(13 * PACKET_MS);
  expect(line.counters.filledMs).toBe(40);
  const filled = line.out.slice(1600, 1760);
  expect(Math.max(...filled)).toBeGreaterThan(0.1);
});

test.each([2, 3, 10])("a sender whose time runs %d times too fast is believed only at first", (times) => {
  const line = startLine();
  for (let index = 0; index < 500; index++) {
    line.push(index, { rtpTimestamp: index * 160 * times });
    line.wait(PACKET_MS);
  }
  expect(line.lengthMs()).toBeLessThan(500 * PACKET_MS + 300);
  expect(line.counters.filledMs).toBeLessThan(300);
  expect(line.counters.skippedMs).toBe(0);
});

test.each([0.5, 0.9])("one whose time runs %d times as fast does not let the line fall back", (times) => {
  const line = startLine();
  for (let index = 0; index < 1000; index++) {
    line.push(index, { rtpTimestamp: Math.round(index * 160 * times) });
    line.wait(PACKET_MS);
  }
  expect(line.lengthMs()).toBeGreaterThan(1000 * PACKET_MS - 1_100);
  expect(line.lengthMs()).toBeLessThanOrEqual(1000 * PACKET_MS);
});

test("after a jump sound of another shape begins without a click", () => {
  const shape = Float32Array.from({ length: 160 }, (_, n) => 0.3 * Math.cos((n * Math.PI) / 80));
  const falling = encode(shape);
  const rising = encode(shape.map((sample) => -sample));
  const line = startLine();
  line.talk(0, 10, { payload: falling });
  line.push(10, { payload: rising, rtpTimestamp: 1_000_000 });
  expect(line.counters.resyncs).toBe(1);
  const steps = line.out.map((sample, n) => Math.abs(sample - (line.out[n - 1] ?? sample)));
  expect(Math.max(...steps)).toBeLessThan(0.05);
});

test("silence comes out before the first packet, at the pace of the clock", () => {
  const line = startLine();
  line.wait(2_000);
  expect(line.lengthMs()).toBeGreaterThanOrEqual(1_880);
  expect(line.lengthMs()).toBeLessThanOrEqual(2_000);
  expect(line.out.every((sample) => sample === 0)).toBe(true);
  line.push(77);
  expect(line.lengthMs()).toBe(1_980);
  expect(line.counters).toMatchObject({ tooLate: 0, resyncs: 0 });
});

test("between comfort noise and speech there is noise of the level asked for, and of the right length", () => {
  const line = startLine();
  line.talk(0, 50);
  line.push(50, { payloadKind: "CN", payload: Uint8Array.of(50) });
  line.wait(3_000);
  const noise = line.out.slice(50 * 160 + 400);
  expect(line.lengthMs()).toBeGreaterThan(1_000 + 3_000 - 140);
  const rms = Math.sqrt(noise.reduce((sum, sample) => sum + sample ** 2, 0) / noise.length);
  expect(20 * Math.log10(rms)).toBeCloseTo(-50, 0);
  line.push(200);
  expect(line.lengthMs()).toBe(201 * PACKET_MS);
  expect(line.counters.resyncs).toBe(0);
});

test("silence suppression without comfort noise becomes as long as it was", () => {
  const line = startLine();
  line.talk(0, 50);
  line.wait(1_000);
  line.push(100);
  expect(line.lengthMs()).toBe(101 * PACKET_MS);
  expect(line.counters).toMatchObject({ tooLate: 0, resyncs: 0 });
});

test("after a stall the line is as long as the sender's: what came too late is dropped, the rest is used", () => {
  const line = startLine();
  line.talk(0, 50);
  line.wait(280);
  expect(line.lengthMs()).toBeGreaterThanOrEqual(1_000 + 180);
  for (let index = 50; index < 65; index++) line.push(index);
  expect(line.lengthMs()).toBe(65 * PACKET_MS);
  expect(line.counters).toMatchObject({ filledMs: 200, tooLate: 10, resyncs: 0 });
  line.talk(65, 100);
  expect(line.lengthMs()).toBe(100 * PACKET_MS);
});

test("a longer way through the network is followed after 100 ms of late packets, without a gap in real time", () => {
  const line = startLine();
  line.talk(0, 50);
  line.wait(200);
  const beginMs = line.lengthMs() - line.nowMs();
  line.talk(50, 150);
  expect(line.counters).toMatchObject({ tooLate: 5, resyncs: 1 });
  expect(line.lengthMs() - line.nowMs() - beginMs).toBeWithin(60, 140);
  expect(line.counters.filledMs).toBeLessThan(400);
});

test("what a shorter way brings too soon is taken out where it is quiet", () => {
  const line = startLine();
  line.talk(0, 50);
  for (let index = 50; index < 60; index++) line.push(index);
  line.talk(60, 100);
  expect(line.counters.skippedMs).toBe(0);
  line.talk(100, 150, { payload: QUIET });
  expect(line.counters.skippedMs).toBeWithin(20, 101);
  expect(line.lengthMs()).toBe(150 * PACKET_MS - line.counters.skippedMs);
});

test.each([[1_000_000], [-1_000_000], [2 ** 31]])("a jump of the sender's time by %d is followed", (jump) => {
  const line = startLine();
  const later = (index: number) => ({ rtpTimestamp: (index * 160 + jump) >>> 0 });
  line.talk(0, 50);
  for (let index = 50; index < 100; index++) line.talk(index, index + 1, later(index));
  expect(line.counters.resyncs).toBe(1);
  expect(line.counters.filledMs).toBeLessThan(200);
  expect(line.lengthMs()).toBeWithin(100 * PACKET_MS - 120, 100 * PACKET_MS + 21);
});

test("the sender's time may wrap", () => {
  const line = startLine();
  const begin = 2 ** 32 - 800;
  for (let index = 0; index < 20; index++) {
    line.talk(index, index + 1, { rtpTimestamp: (begin + index * 160) >>> 0 });
  }
  expect(line.lengthMs()).toBe(20 * PACKET_MS);
  expect(line.counters).toMatchObject({ filledMs: 0, tooLate: 0, resyncs: 0 });
});

test("a sender whose time stood still while it was silent is heard again", () => {
  const line = startLine();
  line.talk(0, 50);
  line.wait(5_000);
  line.talk(50, 100);
  expect(line.counters.resyncs).toBe(1);
  expect(line.counters.tooLate).toBeLessThanOrEqual(6);
  expect(line.lengthMs()).toBeWithin(6_880, 7_021);
});

describe("ten minutes of a telephone whose clock runs", () => {
  function talkFor10Minutes(speed: number, payload: Uint8Array) {
    let count = 0;
    const placer = new SamplePlacer("PCMA", (samples) => {
      count += samples.length;
    });
    const sendEveryMs = PACKET_MS / speed;
    let index = 0;
    for (let nowMs = 0; nowMs < 600_000; nowMs += PACKET_MS) {
      for (; index * sendEveryMs <= nowMs; index++) {
        placer.onPacket(packetOf(index, { payload }), index * sendEveryMs);
      }
      placer.fillUp(nowMs);
    }
    return { lineMs: count / 8, sentMs: index * PACKET_MS, counters: placer.counters };
  }

  test.each([[1], [1.0002], [0.9998]])("%d times as fast: all of it comes out, and nothing else", (speed) => {
    const { lineMs, sentMs, counters } = talkFor10Minutes(speed, QUIET);
    expect(lineMs).toBe(sentMs);
    expect(counters).toEqual({ filledMs: 0, skippedMs: 0, tooLate: 0, resyncs: 0, malformed: 0 });
  });

  test("1.005 times as fast, as none does: what is quiet is left out, what is loud beyond a second", () => {
    expect(talkFor10Minutes(1.005, QUIET).lineMs).toBeWithin(600_000, 600_400);
    expect(talkFor10Minutes(1.005, LOUD).lineMs).toBeWithin(601_000, 602_000);
  });

  test("0.995 times as fast, as none does: what is missing is filled in part", () => {
    expect(talkFor10Minutes(0.995, LOUD).lineMs).toBeWithin(598_000, 599_000);
  });
});

test("a bad network: the line keeps to the real time and to the order of speech for ten minutes", () => {
  const random = seedRandom(7);
  let lineMs = 0;
  const pipeline = new FromTelephone({
    telephoneCodec: "PCMA",
    target: { codec: "G711A" },
    onCoded: () => {
      lineMs += PACKET_MS;
    },
  });
  // 5 % lost, 2 % reordered, jitter of 40 ms, a delay that changes each 10 s, each minute 2 s of nothing, then a burst.
  const arrivals: { index: number; atMs: number }[] = [];
  let delayMs = 0;
  let lastMs = 0;
  for (let index = 0; index < 30_000; index++) {
    if (index % 500 === 0) delayMs = 50 + 200 * random();
    if (random() < 0.05) continue;
    const stallEnd = index % 3_000 > 2_900 ? 3_000 * Math.ceil(index / 3_000) : 0;
    lastMs = Math.max(lastMs, Math.max(index, stallEnd) * PACKET_MS + delayMs + 40 * random() * random());
    arrivals.push({ index, atMs: lastMs + (random() < 0.02 ? 50 * random() : 0) });
  }
  arrivals.sort((a, b) => a.atMs - b.atMs);
  let next = 0;
  let [leastMs, mostMs] = [0, 0];
  for (let nowMs = 0; nowMs < 590_000; nowMs += PACKET_MS) {
    for (
      let packet = arrivals[next];
      packet !== undefined && packet.atMs <= nowMs;
      packet = arrivals[++next]
    ) {
      const payload = packet.index % 200 < 120 ? LOUD : QUIET;
      pipeline.push(packetOf(packet.index, { payload }), packet.atMs);
    }
    pipeline.tick(nowMs);
    leastMs = Math.min(leastMs, lineMs - nowMs);
    mostMs = Math.max(mostMs, lineMs - nowMs);
  }
  expect(leastMs).toBeGreaterThan(-300);
  expect(mostMs).toBeLessThan(400);
  const { lost, tooLate, resyncs, skippedMs } = pipeline.counters;
  expect(lost).toBeWithin(1_300, 1_700);
  expect(resyncs).toBeLessThan(20);
  // Of the ten stalls all but their last 100 ms is too late: 9 × 95 packets.
  expect(tooLate).toBeLessThan(1_000);
  expect(skippedMs).toBeLessThan(2_000);
});

test("a flood is cut off", () => {
  const line = startLine();
  for (let index = 0; index < 10_000; index++) line.push(index);
  expect(line.lengthMs()).toBeWithin(1_000, 1_061);
  expect(line.counters.skippedMs).toBe(200_000 - line.lengthMs());
});

test("another sender goes on where the last one ended", () => {
  const line = startLine();
  line.talk(0, 50);
  line.placer.onRestart();
  line.talk(5_000, 5_050, { ssrc: 2 });
  expect(line.lengthMs()).toBe(100 * PACKET_MS);
  expect(line.counters).toMatchObject({ filledMs: 0, resyncs: 0 });
});

test("a process that slept for an hour does not make up for it", () => {
  const line = startLine();
  line.talk(0, 5);
  line.placer.fillUp(line.nowMs() + 3_600_000);
  expect(line.lengthMs()).toBeWithin(1_000, 1_200);
});

test("what cannot be sound is counted, what has no sound is not", () => {
  const line = startLine();
  line.push(0, { payload: new Uint8Array(0) });
  line.push(1, { payload: new Uint8Array(1_921) });
  line.push(2, { payloadKind: "L16" });
  line.push(3, { payloadKind: "other" });
  expect(line.counters.malformed).toBe(3);
  expect(line.out).toHaveLength(0);
});

test("a telephone may change between codecs of one rate with each packet", () => {
  const line = startLine();
  const samples = Float32Array.from({ length: 160 }, (_, n) => 0.3 * Math.sin(n / 3));
  const uLaw = new Uint8Array(160);
  encodeULaw(samples, uLaw);
  for (let index = 0; index < 100; index++) {
    if (index % 2 === 0) line.push(index);
    else line.push(index, { payloadKind: "PCMU", payload: uLaw });
    line.wait(PACKET_MS);
  }
  expect(line.out).toHaveLength(16_000);
  const worst = line.out.map((value, n) => Math.abs(value - (samples[n % 160] ?? 0)));
  expect(Math.max(...worst)).toBeLessThan(0.02);
  expect(line.counters).toMatchObject({ filledMs: 0, malformed: 0 });
});

test.each([40, 60, 120, 240])("packets of %d ms come out whole", (packetMs) => {
  const line = startLine();
  const payload = LOUD_LONG.subarray(0, packetMs * 8);
  for (let index = 0; index < 50; index++) {
    line.push(index, { rtpTimestamp: index * packetMs * 8, payload });
    line.wait(packetMs);
  }
  expect(line.lengthMs()).toBe(50 * packetMs);
  expect(line.counters).toMatchObject({ filledMs: 0, skippedMs: 0, tooLate: 0, resyncs: 0 });
});
