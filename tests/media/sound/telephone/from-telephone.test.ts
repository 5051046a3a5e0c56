import { describe, expect, test } from "bun:test";
import { AacDecoder } from "../../../../src/codecs/aac/decoder.ts";
import { encodeALaw } from "../../../../src/codecs/g711/a-law.ts";
import { encodeL16 } from "../../../../src/codecs/pcm/l16.ts";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import { FromTelephone } from "../../../../src/media/sound/telephone/from-telephone.ts";
import { seedRandom } from "../../../codecs/pcm/signals.ts";
import { findSound } from "../../../peers/correlation.ts";
import { requirePrograms } from "../../../peers/programs.ts";
import { decodeAac, speak } from "../../audio/peers.ts";
import { collectCoded, joinL16, rmsOf, tone } from "../../audio/sounds.ts";
import { packetOf } from "./packets.ts";

const PACKET_SAMPLES = 160;
const CODED_PER_SAMPLE = 6;

function splitPcma(samples: Float32Array): Uint8Array[] {
  const bytes = new Uint8Array(samples.length);
  encodeALaw(samples, bytes);
  const count = Math.floor(bytes.length / PACKET_SAMPLES);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * PACKET_SAMPLES, (index + 1) * PACKET_SAMPLES),
  );
}

/** Sends packets at their pace but those that `isLost`, then ticks until all is out. Gives the access units. */
function send(samples: Float32Array, isLost: (index: number) => boolean = () => false): Uint8Array[] {
  const { frames, onCoded } = collectCoded();
  const pipeline = new FromTelephone({ telephoneCodec: "PCMA", target: { codec: "AAC" }, onCoded });
  const payloads = splitPcma(samples);
  for (const [index, payload] of payloads.entries()) {
    if (!isLost(index)) pipeline.push(packetOf(index, { payload }), 20 * index);
    pipeline.tick(20 * index);
  }
  for (let index = 0; index < 10; index++) pipeline.tick(20 * (payloads.length + index));
  return frames.slice(1).map(({ data }) => data);
}

test("from a telephone's sample to its bytes of AAC there are at most 2,048 samples and a packet", () => {
  const positions = Array.from({ length: 60 }, (_, n) => 1_600 + 3_203 * n);
  const samples = new Float32Array((positions.at(-1) ?? 0) + 3_200);
  for (const position of positions) samples[position] = 0.9;
  let sentSamples = 0;
  const decoder = new AacDecoder(
    { objectType: 2, sampleRate: 48_000, channelCount: 1, frameLength: 1_024 },
    { channels: "mono", decimation: 1 },
  );
  const decoded: number[] = [];
  /** By decoded frame, how many samples of the telephone were in when its bytes came out. */
  const sentBefore: number[] = [];
  const pipeline = new FromTelephone({
    telephoneCodec: "PCMA",
    target: { codec: "AAC" },
    onCoded: ({ role, data }) => {
      if (role === "config") return;
      decoded.push(...decoder.decode(data));
      sentBefore.push(sentSamples);
    },
  });
  for (const [index, payload] of splitPcma(samples).entries()) {
    sentSamples += PACKET_SAMPLES;
    pipeline.push(packetOf(index, { payload }), 20 * index);
  }
  const delays = positions.map((position) => {
    const peak = findPeak(decoded, CODED_PER_SAMPLE * position, 4_096);
    const neededFrame = Math.floor(peak / 1_024);
    return CODED_PER_SAMPLE * ((sentBefore[neededFrame] ?? Number.NaN) - position);
  });
  console.log("delay in samples at 48 kHz:", Math.min(...delays), "to", Math.max(...delays));
  expect(Math.max(...delays)).toBeLessThanOrEqual(2_048 + CODED_PER_SAMPLE * PACKET_SAMPLES);
  expect(Math.min(...delays)).toBeGreaterThan(0);
});

test("the frames come from the start time on, the config first, whatever the network does", () => {
  const { frames, onCoded } = collectCoded();
  const pipeline = new FromTelephone({
    telephoneCodec: "PCMA",
    target: { codec: "AAC" },
    onCoded,
    startTimestampMs: 7_000,
  });
  for (let index = 0; index < 500; index++) {
    if (index % 7 !== 0 && (index < 100 || index > 200)) pipeline.push(packetOf(index), 20 * index);
    if (index % 11 === 0) pipeline.push(packetOf(index - 1), 20 * index);
    pipeline.tick(20 * index);
  }
  const [config, ...units] = frames;
  expect(config).toMatchObject({ codec: "AAC", role: "config", timestampMs: 7_000 });
  const expected = units.map((_, index) => Math.round(7_000 + (index * 64) / 3));
  expect(units.map(({ timestampMs }) => timestampMs)).toEqual(expected);
  expect(units.length).toBeWithin(460, 470);
});

test("what is in order comes out without waiting for a tick; what is not, once its wait is over", () => {
  const { frames, onCoded } = collectCoded();
  const pipeline = new FromTelephone({ telephoneCodec: "PCMA", target: { codec: "G711A" }, onCoded });
  const timesOut: number[] = [];
  const push = (index: number, nowMs: number) => {
    pipeline.push(packetOf(index), nowMs);
    timesOut.push(frames.length);
  };
  push(0, 0);
  push(1, 20);
  push(3, 60);
  push(2, 70);
  expect(timesOut).toEqual([1, 2, 4, 4]);
  push(5, 100);
  pipeline.tick(110);
  expect(frames).toHaveLength(4);
  pipeline.tick(120);
  expect(frames).toHaveLength(6);
  expect(pipeline.counters).toMatchObject({ late: 1, lost: 2, filledMs: 40 });
});

test("wide-band telephones stay wide-band", () => {
  const { frames, onCoded } = collectCoded();
  const pipeline = new FromTelephone({ telephoneCodec: "L16", target: { codec: "L16" }, onCoded });
  const sound = tone(6_500, 16_000, 16_000);
  for (let index = 0; index < 50; index++) {
    const payload = new Uint8Array(640);
    encodeL16(sound.subarray(320 * index, 320 * (index + 1)), payload, false);
    pipeline.push(packetOf(index, { payloadKind: "L16", rtpTimestamp: 320 * index, payload }), 20 * index);
  }
  expect(findSound(sound, joinL16(frames)).likeness).toBeGreaterThan(0.9999);
});

describe("spoken sentences, coded to AAC and decoded by ffmpeg", () => {
  const needsPeers = requirePrograms("ffmpeg", "espeak-ng");

  needsPeers("are as they were", async () => {
    const speech = await speak(8_000);
    const heard = await decodeAac(send(speech), 8_000);
    expect(findSound(speech.subarray(0, 56_000), heard).likeness).toBeGreaterThan(0.97);
    expect(Math.max(...heard)).toBeLessThan(1);
  });

  for (const [percent, likeness] of [
    [2, 0.95],
    [10, 0.88],
  ] as const) {
    needsPeers(`survive ${percent} % of lost packets without a hole`, async () => {
      const speech = await speak(8_000);
      const random = seedRandom(percent);
      const lost = new Set<number>();
      const units = send(speech, (index) => {
        const isLost = random() < percent / 100;
        if (isLost) lost.add(index);
        return isLost;
      });
      const heard = await decodeAac(units, 8_000);
      const match = findSound(speech.subarray(0, 56_000), heard);
      const delayed = heard.subarray(match.lagSampleCount);
      console.log(
        `${percent} %: ${lost.size} lost, likeness`,
        match.likeness,
        "hole",
        longestHoleMs(speech, delayed),
      );
      expect(lost.size).toBeGreaterThan((350 * percent) / 200);
      expect(match.likeness).toBeGreaterThan(likeness);
      expect(longestHoleMs(speech, delayed)).toBeLessThanOrEqual(25);
    });
  }
});

test("a comfort noise of a talker's pauses is heard in the pauses only", () => {
  const { frames, onCoded } = collectCoded();
  const pipeline = new FromTelephone({ telephoneCodec: "PCMA", target: { codec: "L16" }, onCoded });
  const [voice = new Uint8Array(0)] = splitPcma(tone(400, 8_000, PACKET_SAMPLES));
  const noise = { payloadKind: "CN", payload: Uint8Array.of(45) } as const;
  let sequenceNumber = 0;
  for (let index = 0; index < 200; index++) {
    const isPause = index % 100 >= 50;
    if (!isPause)
      pipeline.push(packetOf(index, { sequenceNumber: sequenceNumber++, payload: voice }), 20 * index);
    else if (index % 100 === 50)
      pipeline.push(packetOf(index, { sequenceNumber: sequenceNumber++, ...noise }), 20 * index);
    pipeline.tick(20 * index);
  }
  const levels = frames.map(({ data }) => 20 * Math.log10(rmsOf(joinL16([{ data } as CodedAudio]))));
  expect(Math.min(...levels.slice(2, 50), ...levels.slice(102, 150))).toBeGreaterThan(-12);
  for (const level of [...levels.slice(53, 98), ...levels.slice(153, 190)])
    expect(level).toBeWithin(-47, -43);
  expect(pipeline.counters).toMatchObject({ lost: 0, tooLate: 0, resyncs: 0 });
});

function findPeak(samples: readonly number[], from: number, count: number): number {
  let peak = from;
  for (let n = from; n < Math.min(from + count, samples.length); n++) {
    if (Math.abs(samples[n] ?? 0) > Math.abs(samples[peak] ?? 0)) peak = n;
  }
  return peak;
}

/** The longest stretch in which the source speaks and nothing is heard, in steps of 5 ms. */
function longestHoleMs(source: Float32Array, heard: Float32Array): number {
  let longest = 0;
  let hole = 0;
  for (let at = 0; at + 40 <= Math.min(source.length, heard.length); at += 40) {
    const isHole = rmsOf(source.subarray(at, at + 40)) > 0.03 && rmsOf(heard.subarray(at, at + 40)) < 0.003;
    hole = isHole ? hole + 5 : 0;
    longest = Math.max(longest, hole);
  }
  return longest;
}
