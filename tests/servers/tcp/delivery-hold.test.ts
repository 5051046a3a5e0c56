import { beforeEach, expect, test } from "bun:test";
import { createLogger } from "../../../src/log.ts";
import { defineWireFormat, type Frame } from "../../../src/media/frame.ts";
import { DeliveryWatch, type Watch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

const FRAME_MS = 20;
const SLOW_READER_MS = 500;
const PING = Uint8Array.of(0x50);
const format = defineWireFormat((frame) => frame.body);

let clock: FakeClock;
let outbound: Outbound;
let delivery: DeliveryWatch;
let watch: Watch;
let log: string;
/** When each frame that went out had come in. */
let sentMs: number[];
let pings: number;
let answersPings: boolean;

/** No socket: the kernel has nothing to tell of descriptor -1, so that the pings alone decide. */
beforeEach(() => {
  clock = new FakeClock();
  sentMs = [];
  pings = 0;
  answersPings = true;
  log = "";
  const write = (bytes: Uint8Array) => {
    sentMs.push(new DataView(bytes.buffer).getUint32(0));
    return bytes.length;
  };
  const queue = { maxAgeMs: SLOW_READER_MS, maxBytes: 100_000 };
  outbound = new Outbound(
    { fd: -1, shutdown: () => {}, terminate: () => {}, write },
    { clock, queue },
    format,
  );
  const logger = createLogger({ level: "info", write: (line) => (log += line), clock });
  delivery = new DeliveryWatch({ clock, log: logger, slowReaderMs: SLOW_READER_MS });
  watch = delivery.add(outbound, logger, {
    makePing: () => {
      pings += 1;
      if (answersPings) clock.after(1, () => watch.answered());
      return PING;
    },
  });
});

function sound(): Frame {
  const body = new Uint8Array(4);
  new DataView(body.buffer).setUint32(0, clock.nowMs());
  return { kind: "audio", codec: "G711A", role: "key", timestampMs: clock.nowMs(), body, wire: [] };
}

function play(durationMs: number): void {
  answersPings = true;
  sendSound(durationMs);
}

function playUnanswered(durationMs: number): void {
  answersPings = false;
  sendSound(durationMs);
  answersPings = true;
}

function sendSound(durationMs: number): void {
  for (let passedMs = 0; passedMs < durationMs; passedMs += FRAME_MS) {
    outbound.sendFrame(sound());
    clock.advance(FRAME_MS);
  }
}

test("a player that answers gets every frame at once", () => {
  play(10_000);
  expect(sentMs).toHaveLength(500);
  expect(pings).toBeGreaterThan(20);
  expect(log).toBe("");
});

test("a player that stops answering is held after 250 ms, and gets nothing old afterwards", () => {
  play(1000);
  const stoppedMs = clock.nowMs();
  playUnanswered(10_000);
  expect(outbound.isHeld).toBe(true);
  expect((sentMs.at(-1) ?? 0) - stoppedMs).toBeLessThanOrEqual(300 + 250 + 50);
  expect(outbound.droppedFrameCount).toBeGreaterThan(400);
  const sentBefore = sentMs.length;
  watch.answered();
  expect(outbound.isHeld).toBe(false);
  expect(sentMs.length).toBeGreaterThan(sentBefore);
  expect(clock.nowMs() - (sentMs[sentBefore] ?? 0)).toBeLessThanOrEqual(100);
  expect(log).toMatch(
    /^\S+ warn player\.slow limitMs=500\n\S+ info player\.caught-up afterMs=\d+ dropped=\d+\n$/,
  );
});

test("a pause too short to lose words loses none, and is not worth a line", () => {
  play(1000);
  playUnanswered(600);
  expect(outbound.isHeld).toBe(true);
  watch.answered();
  play(400);
  expect(outbound.droppedFrameCount).toBe(0);
  expect(sentMs).toHaveLength(100);
  expect(sentMs).toEqual(sentMs.toSorted((a, b) => a - b));
  expect(log).toBe("");
});

test("a player that loses frames again and again is logged every ten seconds", () => {
  play(1000);
  for (let round = 0; round < 15; round += 1) {
    playUnanswered(1500);
    watch.answered();
    play(500);
  }
  expect(log.match(/player\.slow/g)).toHaveLength(3);
  expect(log.match(/player\.caught-up/g)).toHaveLength(3);
});

test("ending leaves no timer, held or not", () => {
  play(1000);
  playUnanswered(1000);
  expect(outbound.isHeld).toBe(true);
  watch.end();
  expect(clock.timerCount).toBe(0);
});
