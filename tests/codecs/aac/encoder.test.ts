import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { decodeAudioSpecificConfig } from "../../../src/codecs/aac/audio-specific-config.ts";
import { AacDecoder } from "../../../src/codecs/aac/decoder.ts";
import { AacEncoder } from "../../../src/codecs/aac/encoder.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { makeNoise, makeVoice, seedRandom } from "../pcm/signals.ts";
import { decodeWithFfmpeg, encodeSound, PACKET_SAMPLES } from "./encoded-sound.ts";

const TELEPHONE = { inputRate: 8000, outputRate: 48_000, bitsPerSecond: 48_000 };
/** An access unit of 6,144 bits, ISO/IEC 14496-3 4.5.3.2. */
const MOST_BYTES = 768;

test("the config says AAC-LC, the rate and one channel, in 2 bytes", () => {
  expect(new AacEncoder(TELEPHONE).config).toEqual(Uint8Array.of(0x11, 0x88));
  const { config } = new AacEncoder({ ...TELEPHONE, outputRate: 44_100 });
  expect(decodeAudioSpecificConfig(config)).toMatchObject({
    objectType: 2,
    sampleRate: 44_100,
    channelCount: 1,
  });
});

test.each([
  [8000, 17_000, 48_000, "aac.sample-rate"],
  [8000, 8000, 24_000, "aac.sample-rate"],
  [8000, 96_000, 48_000, "aac.sample-rate"],
  [4000, 48_000, 48_000, "resampler.rate"],
  [8000, 48_000, 8000, "aac.bit-rate"],
  [8000, 16_000, 96_001, "aac.bit-rate"],
  [8000, 16_000, Number.NaN, "aac.bit-rate"],
])("from %p to %p Hz at %p bit/s is refused", (inputRate, outputRate, bitsPerSecond, code) => {
  expect(() => new AacEncoder({ inputRate, outputRate, bitsPerSecond })).toThrow(code);
});

test("a listener that throws loses its unit only", () => {
  const encoder = new AacEncoder(TELEPHONE);
  const second = makeVoice(8000, 1, 1);
  const throwing = (): void => {
    throw new Error("of the listener");
  };
  expect(() => encoder.encode(second, throwing)).toThrow("of the listener");
  const units: Uint8Array[] = [];
  encoder.encode(second, (unit) => units.push(unit));
  expect(units.length).toBeGreaterThan(40);
});

test("any chunks give the same bytes", () => {
  const voice = makeVoice(8000, 3, 1);
  const { units } = encodeSound(voice, TELEPHONE);
  expect(units.length).toBeGreaterThan(130);
  for (const chunk of [1, 37, 1024, voice.length]) {
    expect(encodeSound(voice, TELEPHONE, chunk).units, `chunks of ${chunk}`).toEqual([...units]);
  }
});

describe("the rate", () => {
  for (const outputRate of [16_000, 24_000, 32_000, 44_100, 48_000]) {
    for (const bitsPerSecond of [24_000, 48_000, 96_000]) {
      test(`of loud noise at ${outputRate} Hz is ${bitsPerSecond} bit/s within 3 %`, () => {
        const seconds = 5;
        const { units } = encodeSound(makeNoise(8000, 0.2, seconds, 1), {
          inputRate: 8000,
          outputRate,
          bitsPerSecond,
        });
        const bytes = units.reduce((sum, unit) => sum + unit.length, 0);
        const rate = (8 * bytes * outputRate) / (units.length * 1024);
        expect(Math.abs(rate / bitsPerSecond - 1)).toBeLessThan(0.03);
        expect(Math.max(...units.map((unit) => unit.length))).toBeLessThanOrEqual(MOST_BYTES);
      });
    }
  }

  test("no frame is longer than the mean and the reservoir, whatever comes", () => {
    const meanBytes = 128;
    const wild = makeWildSound();
    const { units } = encodeSound(wild, TELEPHONE);
    expect(Math.max(...units.map((unit) => unit.length))).toBeLessThanOrEqual(3 * meanBytes);
    let saved = 2 * meanBytes;
    for (const unit of units) {
      saved = Math.min(2 * meanBytes, saved + meanBytes - unit.length);
      expect(saved).toBeGreaterThanOrEqual(0);
    }
  });

  test("silence is not padded", () => {
    const { units } = encodeSound(new Float32Array(8000), TELEPHONE);
    for (const unit of units) expect(unit.length).toBeLessThan(8);
  });
});

requirePrograms("ffmpeg")("sound beyond full scale and NaN end in frames that decode", async () => {
  const wild = makeWildSound();
  const decoded = await decodeWithFfmpeg(encodeSound(wild, TELEPHONE));
  expect(decoded.length).toBeGreaterThan(0);
});

/** Silence, full scale, steps, ten times full scale, and numbers that are none. */
function makeWildSound(): Float32Array {
  const samples = makeNoise(8000, 0.3, 4, 2);
  samples.fill(0, 0, 4000);
  samples.fill(1, 8000, 9000);
  samples.fill(-1, 9000, 9100);
  for (let n = 12_000; n < 16_000; n++) samples[n] = (samples[n] ?? 0) * 30;
  samples[20_000] = Number.NaN;
  samples[22_000] = Number.POSITIVE_INFINITY;
  return samples;
}

test("whatever comes, at whatever rates, our decoder takes what is coded", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seedRandom(seed);
    const outputRate = pick([16_000, 22_050, 24_000, 32_000, 44_100, 48_000], random);
    const inputRate = pick([8000, 11_025, 12_000, 16_000, 48_000, outputRate], random);
    const bitsPerSecond = 12_000 + random() * (6 * outputRate - 12_000);
    const encoder = new AacEncoder({ inputRate, outputRate, bitsPerSecond });
    const config = decodeAudioSpecificConfig(encoder.config);
    const decoder = new AacDecoder(config, { channels: "as-coded", decimation: 1 });
    let peak = 0;
    encoder.encode(makeRandomSound(inputRate, random), (unit) => {
      for (const sample of decoder.decode(unit)) peak = Math.max(peak, Math.abs(sample));
    });
    expect(Number.isFinite(peak), `seed ${seed}`).toBe(true);
  }
});

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)] as T; // random() is below 1
}

/** Stretches of silence, noise, tones, clicks, squares, constants and numbers that are none, up to far beyond full scale. */
function makeRandomSound(sampleCount: number, random: () => number): Float32Array {
  const samples = new Float32Array(sampleCount);
  for (let at = 0; at < sampleCount; ) {
    const end = at + 1 + Math.floor(random() ** 2 * 4000);
    const amplitude = 10 ** (5 * (random() ** 0.3 - 0.9));
    const step = random();
    const kind = pick([silence, noise, tone, click, square, constant, nothing], random);
    for (let n = 0; at < end; n++, at++) samples[at] = amplitude * kind(n, step, random);
  }
  return samples;
}

type Wave = (n: number, step: number, random: () => number) => number;
const silence: Wave = () => 0;
const noise: Wave = (_n, _step, random) => 2 * random() - 1;
const tone: Wave = (n, step) => Math.sin(n * step);
const click: Wave = (n) => (n === 0 ? 1 : 0);
const square: Wave = (n) => (n & 16 ? 1 : -1);
const constant: Wave = () => 1;
const nothing: Wave = (_n, _step, random) =>
  random() < 0.99 ? 1 : pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30], random);

requirePrograms("ffmpeg")("an impulse's last byte is out within 2,048 samples and a packet", async () => {
  for (const outputRate of [44_100, 48_000]) {
    const perInput = outputRate / 8000;
    for (const impulseAt of [4000, 4037, 4080, 4111, 4160]) {
      const samples = new Float32Array(16_000);
      samples[impulseAt] = 0.9;
      const encoder = new AacEncoder({ ...TELEPHONE, outputRate });
      const units: Uint8Array[] = [];
      const fedBefore: number[] = [];
      for (let at = 0; at < samples.length; at += PACKET_SAMPLES) {
        encoder.encode(samples.subarray(at, at + PACKET_SAMPLES), (unit) => {
          units.push(unit.slice());
          fedBefore.push(at + PACKET_SAMPLES);
        });
      }
      const { delaySamples } = encoder;
      const decoded = await decodeWithFfmpeg({ units, options: { ...TELEPHONE, outputRate }, delaySamples });
      const peakAt = decoded.reduce(
        (best, x, n) => (Math.abs(x) > Math.abs(decoded[best] ?? 0) ? n : best),
        0,
      );
      expect(Math.abs(peakAt - impulseAt * perInput - delaySamples)).toBeLessThanOrEqual(2);
      const fed = fedBefore[Math.floor(peakAt / 1024)] ?? Number.NaN;
      expect((fed - impulseAt) * perInput).toBeLessThanOrEqual(2048 + PACKET_SAMPLES * perInput);
    }
  }
});

test("ten minutes of sound leave nothing on the heap", () => {
  const encoder = new AacEncoder(TELEPHONE);
  const voice = makeVoice(8000, 10, 3);
  const packets = Array.from({ length: 500 }, (_, i) =>
    voice.subarray(i * PACKET_SAMPLES, (i + 1) * PACKET_SAMPLES),
  );
  let byteCount = 0;
  const count = (unit: Uint8Array): void => {
    byteCount += unit.length;
  };
  const encodeSeconds = (seconds: number): void => {
    for (let i = 0; i < seconds * 50; i++) encoder.encode(packets[i % 500] ?? voice, count);
  };
  const measureHeap = (): number => {
    Bun.gc(true);
    return heapStats().heapSize;
  };
  encodeSeconds(60);
  for (let i = 0; i < 3; i++) measureHeap(); // the first ones leave objects of their own
  const before = measureHeap();
  encodeSeconds(600);
  const grown = measureHeap() - before;
  expect(byteCount).toBeGreaterThan(1_000_000);
  expect(grown).toBeLessThan(50_000);
});
