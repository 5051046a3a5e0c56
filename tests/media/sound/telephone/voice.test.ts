import { expect, test } from "bun:test";
import { decodeALaw } from "../../../../src/codecs/g711/a-law.ts";
import { decodeULaw } from "../../../../src/codecs/g711/u-law.ts";
import { createLogger, silentLogger } from "../../../../src/log.ts";
import { AudioEncoder } from "../../../../src/media/audio/coding/audio-encoder.ts";
import { Voice } from "../../../../src/media/sound/telephone/voice.ts";
import type { AgreedAudio } from "../../../../src/protocols/sdp/agreement.ts";
import { FakeStream } from "../../../calls/fake-media.ts";

const PCMA: AgreedAudio = {
  codec: "PCMA",
  clockRate: 8000,
  payloadType: 8,
  telephoneEvent: undefined,
  comfortNoise: undefined,
  receivable: new Map([[8, "PCMA"]]),
  ptimeMs: 20,
  direction: "sendrecv",
  remote: { address: "127.0.0.1", rtpPort: 4000, rtcpPort: 4001 },
};
const PCMU: AgreedAudio = { ...PCMA, codec: "PCMU", payloadType: 0 };
const FRAME_MS = 20;
const SAMPLE_COUNT = 160;
const LOUD = 0.1;

function loudness(payload: Uint8Array, decode: typeof decodeALaw): number {
  const samples = new Float32Array(payload.length);
  decode(payload, samples);
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

test.each([
  ["codec", PCMU, decodeULaw],
  ["packet time", { ...PCMA, ptimeMs: 40 }, decodeALaw],
] as const)("an app that pushes AAC is heard on after another %s was agreed on", (_, changed, decode) => {
  let nowMs = 0;
  const heard = new FakeStream("heard", () => {});
  const streams = { heard, spoken: undefined };
  const voice = new Voice({ audio: PCMA, streams, from: "test", nowMs: () => nowMs, log: silentLogger });
  const encoder = new AudioEncoder({ codec: "AAC", inputRate: 8000 });
  const aac = { codec: "AAC", sampleRate: 0, channelCount: 1 } as const;
  let unitCount = 0;

  /** The loudest packet of a second of a tone. */
  function talk(ptimeMs: number, decodePayload: typeof decodeALaw): number {
    let loudest = 0;
    for (const untilMs = nowMs + 1000; nowMs < untilMs; nowMs += FRAME_MS) {
      const tone = Float32Array.from({ length: SAMPLE_COUNT }, (_, n) => {
        return 0.5 * Math.sin((2 * Math.PI * 400 * (nowMs * 8 + n)) / 8000);
      });
      encoder.encode(tone, (data) => {
        const timestampMs = Math.round((unitCount++ * 1024) / 48);
        heard.listener?.onSound({ ...aac, role: "key", timestampMs, data });
      });
      if (nowMs % ptimeMs === 0) loudest = Math.max(loudest, loudness(voice.pull(nowMs), decodePayload));
    }
    return loudest;
  }

  const config = Uint8Array.from(encoder.config ?? []);
  heard.listener?.onSound({ ...aac, role: "config", timestampMs: 0, data: config });
  // It was valid during the call only.
  config.fill(0);
  expect(talk(PCMA.ptimeMs, decodeALaw)).toBeGreaterThan(LOUD);
  voice.update(changed);
  expect(talk(changed.ptimeMs, decode)).toBeGreaterThan(LOUD);
});

test("headers that can't be decoded don't fill the log", () => {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const heard = new FakeStream("heard", () => {});
  const streams = { heard, spoken: undefined };
  const voice = new Voice({ audio: PCMA, streams, from: "test", nowMs: () => 0, log });
  for (let n = 0; n < 100; n++) {
    const data = Uint8Array.of(0xf8, n);
    heard.listener?.onSound({
      codec: "AAC",
      role: "config",
      timestampMs: 0,
      data,
      sampleRate: 0,
      channelCount: 1,
    });
  }
  expect(lines.filter((line) => line.includes("telephone.sound-not-converted"))).toHaveLength(5);
  expect(voice.pull(0)).toHaveLength(SAMPLE_COUNT);
});

test("what was counted outlives another codec, and the end", () => {
  let nowMs = 0;
  const heard = new FakeStream("heard", () => {});
  const streams = { heard, spoken: new FakeStream("spoken", () => {}) };
  const voice = new Voice({ audio: PCMA, streams, from: "test", nowMs: () => nowMs, log: silentLogger });
  voice.open();
  const payload = new Uint8Array(SAMPLE_COUNT).fill(0xd5);
  const receive = (sequenceNumber: number) => {
    const rtpTimestamp = sequenceNumber * SAMPLE_COUNT;
    voice.onPacket({ sequenceNumber, rtpTimestamp, ssrc: 1, payloadKind: "PCMA", payload }, nowMs);
  };
  for (let n = 0; n < 100; n++, nowMs += FRAME_MS) {
    // Some of the app's sound, then none.
    const sound = { codec: "G711A", role: "key", sampleRate: 8000, channelCount: 1, data: payload } as const;
    if (n < 50) heard.listener?.onSound({ ...sound, timestampMs: nowMs });
    if (n !== 50) receive(n);
    if (n === 80) receive(50);
    voice.onBeat(nowMs);
    voice.pull(nowMs);
  }
  const { driftPpm, ...counted } = voice.counters;
  expect(counted.concealedMs).toBeGreaterThan(0);
  expect(counted).toMatchObject({ latePackets: 1, damagedFrames: 0, lateFrames: 0 });
  expect(Number.isInteger(driftPpm)).toBe(true);
  voice.update(PCMU);
  expect(voice.counters).toMatchObject(counted);
  voice.close();
  voice.close();
  expect(voice.counters).toMatchObject(counted);
});

test("a telephone that changes to a codec of another rate is heard on", () => {
  let nowMs = 0;
  const spoken = new FakeStream("spoken", () => {});
  const voice = new Voice({
    audio: PCMA,
    streams: { heard: undefined, spoken },
    from: "test",
    nowMs: () => nowMs,
    log: silentLogger,
  });
  voice.open();
  const send = (n: number, payloadKind: "PCMA" | "L16", ticks: number) => {
    const payload = new Uint8Array(payloadKind === "PCMA" ? ticks : 2 * ticks).fill(0x55);
    voice.onPacket({ sequenceNumber: n, rtpTimestamp: n * ticks, ssrc: 1, payloadKind, payload }, nowMs);
    voice.onBeat(nowMs);
    nowMs += FRAME_MS;
  };
  for (let n = 0; n < 100; n++) send(n, "PCMA", 160);
  for (let n = 100; n < 200; n++) send(n, "L16", 320);
  expect(spoken.speeches).toHaveLength(2);
  // In turns they are one sender's mistake: the line that is heard goes on.
  for (let n = 200; n < 300; n++) send(n, n % 2 === 0 ? "L16" : "PCMA", n % 2 === 0 ? 320 : 160);
  expect(spoken.speeches).toHaveLength(2);
  expect(spoken.speeches.map(({ sound }) => sound.length > 80)).toEqual([true, true]);
});
