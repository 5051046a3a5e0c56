import { describe, expect, test } from "bun:test";
import { encodeAudioSpecificConfig } from "../../../../src/codecs/aac/audio-specific-config.ts";
import { AacEncoder } from "../../../../src/codecs/aac/encoder.ts";
import { encodeALaw } from "../../../../src/codecs/g711/a-law.ts";
import { encodeL16 } from "../../../../src/codecs/pcm/l16.ts";
import { AudioDecoder } from "../../../../src/media/audio/coding/audio-decoder.ts";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import { findSound } from "../../../peers/correlation.ts";
import { requirePrograms } from "../../../peers/programs.ts";
import { errorCodeOf } from "../../../protocols/error-code.ts";
import { encodeAac, resample, speak } from "../peers.ts";
import { aacOf, codedOf, rmsOf, tone } from "../sounds.ts";

const CONFIG_5_1 = Uint8Array.of(0x11, 0xb0);
const CONFIG_MAIN = Uint8Array.of(0x09, 0x88);

function decodeAll(decoder: AudioDecoder, frames: readonly CodedAudio[]): Float32Array {
  return Float32Array.from(frames.flatMap((coded) => [...decoder.decode(coded)]));
}

function l16Of(samples: Float32Array, sampleRate: number, channelCount = 1): CodedAudio {
  const data = new Uint8Array(2 * samples.length);
  encodeL16(samples, data, true);
  return codedOf({ codec: "L16", data, sampleRate, channelCount });
}

test("G.711 at its own rate, whatever the container says of it", () => {
  const sound = tone(440, 8_000, 800);
  const data = new Uint8Array(800);
  encodeALaw(sound, data);
  const decoder = new AudioDecoder(8_000);
  for (const sampleRate of [8_000, 0, 5_512]) {
    const samples = decoder.decode(codedOf({ data, sampleRate }));
    expect(findSound(sound, samples).likeness).toBeGreaterThan(0.999);
  }
});

describe.each([48_000, 44_100, 32_000, 16_000])("AAC at %d Hz for a telephone", (aacRate) => {
  /** The second half of what a telephone hears of a tone, in dB of the tone. */
  const hear = (hz: number): number => {
    const encoder = new AacEncoder({ inputRate: aacRate, outputRate: aacRate, bitsPerSecond: 64_000 });
    const decoder = new AudioDecoder(8_000);
    const heard: number[] = [];
    decoder.decode(codedOf({ codec: "AAC", role: "config", data: encoder.config }));
    const sound = tone(hz, aacRate, aacRate);
    encoder.encode(sound, (unit) => heard.push(...decoder.decode(codedOf({ codec: "AAC", data: unit }))));
    return 20 * Math.log10(rmsOf(Float32Array.from(heard.slice(4_000))) / rmsOf(sound));
  };

  test("keeps what a telephone can have", () => {
    for (const hz of [300, 1_000, 3_400]) expect(Math.abs(hear(hz))).toBeLessThan(0.5);
  });

  test("has nothing of what would fold back", () => {
    for (const hz of [4_600, 5_300, 6_000, 7_400]) expect(hear(hz), `${hz} Hz`).toBeLessThan(-50);
  });
});

test("two channels are mixed to one", () => {
  const left = tone(440, 16_000, 320);
  const interleaved = Float32Array.from({ length: 640 }, (_, n) => (n % 2 === 0 ? (left[n >> 1] ?? 0) : 0));
  const samples = new AudioDecoder(16_000).decode(l16Of(interleaved, 16_000, 2));
  expect(samples).toHaveLength(320);
  expect(rmsOf(samples)).toBeCloseTo(rmsOf(left) / 2, 3);
});

test.each([8_000, 11_025, 22_050, 44_100, 48_000])(
  "L16 at %d comes out at the rate of the telephone",
  (rate) => {
    const decoder = new AudioDecoder(8_000);
    const second = l16Of(tone(200, rate, rate), rate);
    expect(decoder.decode(second).length).toBeWithin(7_990, 8_011);
    const samples = decoder.decode(second);
    expect(findSound(tone(200, 8_000, 7_000), samples).likeness).toBeGreaterThan(0.99);
  },
);

test("a rate that no sound has is said once and then counted", () => {
  const decoder = new AudioDecoder(8_000);
  const odd = l16Of(new Float32Array(100), 5_512);
  expect(errorCodeOf(() => decoder.decode(odd))).toBe("audio.unsupported-rate");
  expect(decoder.decode(odd)).toHaveLength(0);
  expect(decoder.damagedCount).toBe(2);
});

test("a frame of more than a second is not believed", () => {
  const decoder = new AudioDecoder(8_000);
  expect(decoder.decode(codedOf({ data: new Uint8Array(1_000_000) }))).toHaveLength(0);
  expect(decoder.damagedCount).toBe(1);
});

test.each(["MP3", "OPUS", "unknown"] as const)("%s is nothing", (codec) => {
  expect(AudioDecoder.canDecode(codec)).toBe(false);
  expect(new AudioDecoder(8_000).decode(codedOf({ codec }))).toHaveLength(0);
});

describe("AAC", () => {
  const sound = tone(700, 16_000, 16_000);

  test.each([8_000, 16_000, 44_100, 48_000] as const)("is understood at %d", (rate) => {
    const frames = aacOf(
      tone(700, Math.min(rate, 16_000), 16_000),
      rate === 8_000 ? 8_000 : 16_000,
      Math.max(rate, 16_000),
    );
    const samples = decodeAll(new AudioDecoder(8_000), frames);
    expect(findSound(tone(700, 8_000, 6_000), samples).likeness).toBeGreaterThan(0.99);
  });

  test("a config that is sent again changes nothing", () => {
    const [config, ...units] = aacOf(sound, 16_000);
    const decoder = new AudioDecoder(8_000);
    const again = new AudioDecoder(8_000);
    if (config === undefined) throw new Error("no config");
    const repeated = units.flatMap((unit) => [config, unit]);
    expect(decodeAll(again, repeated)).toEqual(decodeAll(decoder, [config, ...units]));
  });

  test("a config that says the same in other words changes nothing", () => {
    const [config, ...units] = aacOf(sound, 16_000);
    if (config === undefined) throw new Error("no config");
    const longer = codedOf({ ...config, data: Uint8Array.of(...config.data, 0x56, 0xe5, 0x00) });
    const repeated = units.flatMap((unit, index) => [index % 2 === 0 ? config : longer, unit]);
    expect(decodeAll(new AudioDecoder(8_000), repeated)).toEqual(
      decodeAll(new AudioDecoder(8_000), [config, ...units]),
    );
  });

  test("sound of another config follows without a click", () => {
    const rates = [48_000, 44_100, 32_000, 48_000, 24_000, 16_000];
    const whole = largestStep(tone(700, 8_000, 8_000));
    for (let length = 3; length < 9; length++) {
      const frames = rates.flatMap((rate) => aacOf(sound, 16_000, rate).slice(0, length));
      expect(largestStep(decodeAll(new AudioDecoder(8_000), frames))).toBeLessThan(1.3 * whole);
    }
  });

  test("frames without a config are counted and give nothing", () => {
    const decoder = new AudioDecoder(8_000);
    expect(decodeAll(decoder, aacOf(sound, 16_000).slice(1))).toHaveLength(0);
    expect(decoder.damagedCount).toBeGreaterThan(40);
  });

  test.each([
    ["5.1 channels", CONFIG_5_1, "aac.unsupported-channels"],
    ["AAC Main", CONFIG_MAIN, "aac.unsupported-object-type"],
    ["a megabyte", new Uint8Array(1_000_000), "aac.config.too-long"],
    ["no bytes", new Uint8Array(0), "aac.config.truncated"],
  ])("a config of %s is said once; what follows is silence", (_, data, code) => {
    const decoder = new AudioDecoder(8_000);
    const [good, unit] = aacOf(sound, 16_000);
    if (good === undefined || unit === undefined) throw new Error("no sound");
    const bad = codedOf({ codec: "AAC", role: "config", data });
    expect(errorCodeOf(() => decoder.decode(bad))).toBe(code);
    expect(decoder.decode(bad)).toHaveLength(0);
    expect(decoder.decode(unit)).toHaveLength(0);
    decoder.decode(good);
    expect(decoder.decode(unit).length).toBeGreaterThan(160);
  });

  test("damaged frames are counted, keep their length and do not click", () => {
    const frames = aacOf(sound, 16_000);
    const whole = decodeAll(new AudioDecoder(8_000), frames);
    const decoder = new AudioDecoder(8_000);
    const damaged = frames.map((coded, index) =>
      index % 10 === 5 ? { ...coded, data: coded.data.subarray(0, 4) } : coded,
    );
    const samples = decodeAll(decoder, damaged);
    expect(samples).toHaveLength(whole.length);
    expect(decoder.damagedCount).toBe(5);
    expect(largestStep(samples)).toBeLessThan(1.3 * largestStep(whole));
  });

  test("the codec may change in mid-stream", () => {
    const decoder = new AudioDecoder(16_000);
    decodeAll(decoder, aacOf(sound, 16_000));
    expect(decoder.decode(codedOf({})).length).toBeWithin(310, 331);
    expect(decoder.decode(l16Of(sound.subarray(0, 320), 16_000))).toHaveLength(320);
    expect(decodeAll(decoder, aacOf(sound, 16_000, 44_100).slice(0, 9)).length).toBeGreaterThan(2_000);
  });
});

requirePrograms("ffmpeg", "espeak-ng")(
  "speech that ffmpeg coded is as it was, at every rate of a telephone",
  async () => {
    const speech = await speak(48_000);
    for (const codedRate of [48_000, 44_100, 16_000]) {
      const coded = await encodeAac(await resample(speech, 48_000, codedRate), codedRate);
      const config = encodeAudioSpecificConfig({ sampleRate: codedRate, channelCount: 1 });
      const frames = [codedOf({ codec: "AAC", role: "config", data: config })];
      for (const data of coded) frames.push(codedOf({ codec: "AAC", data }));
      for (const rate of [8_000, 16_000]) {
        const samples = decodeAll(new AudioDecoder(rate), frames);
        const source = await resample(speech, 48_000, rate);
        expect(
          findSound(source.subarray(0, 3 * rate), samples.subarray(0, 4 * rate)).likeness,
        ).toBeGreaterThan(0.97);
      }
    }
  },
);

function largestStep(samples: Float32Array): number {
  let largest = 0;
  for (let n = 1; n < samples.length; n++) {
    largest = Math.max(largest, Math.abs((samples[n] ?? 0) - (samples[n - 1] ?? 0)));
  }
  return largest;
}
