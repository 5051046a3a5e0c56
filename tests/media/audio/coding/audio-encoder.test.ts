import { expect, test } from "bun:test";
import { decodeAudioSpecificConfig } from "../../../../src/codecs/aac/audio-specific-config.ts";
import { AacDecoder } from "../../../../src/codecs/aac/decoder.ts";
import { decodeULaw } from "../../../../src/codecs/g711/u-law.ts";
import { AudioEncoder, type AudioEncoderOptions } from "../../../../src/media/audio/coding/audio-encoder.ts";
import { findSound } from "../../../peers/correlation.ts";
import { codedOf, joinL16, tone } from "../sounds.ts";

/** Feeds `samples` in pieces of odd lengths. */
function encode(
  options: AudioEncoderOptions,
  samples: Float32Array,
): { encoder: AudioEncoder; frames: Uint8Array[] } {
  const encoder = new AudioEncoder(options);
  const frames: Uint8Array[] = [];
  for (let at = 0, length = 1; at < samples.length; at += length, length = (length * 7) % 331) {
    encoder.encode(samples.subarray(at, at + length), (data) => frames.push(data.slice()));
  }
  return { encoder, frames };
}

test.each([
  [20, 160],
  [40, 320],
])("G.711 in frames of %d ms", (frameMs, frameBytes) => {
  const sound = tone(440, 8_000, 8_000);
  const { encoder, frames } = encode({ codec: "G711U", inputRate: 8_000, frameMs }, sound);
  expect(encoder).toMatchObject({ config: undefined, sampleRate: 8_000, frameSampleCount: frameBytes });
  expect(frames).toHaveLength(8_000 / frameBytes);
  const bytes = Buffer.concat(frames);
  const samples = new Float32Array(bytes.length);
  decodeULaw(bytes, samples);
  expect(findSound(sound, samples).likeness).toBeGreaterThan(0.999);
});

test.each([8_000, 16_000] as const)("L16 from %d, little-endian at 16,000", (inputRate) => {
  const { encoder, frames } = encode({ codec: "L16", inputRate }, tone(440, inputRate, 2 * inputRate));
  expect(encoder).toMatchObject({ sampleRate: 16_000, frameSampleCount: 320 });
  const samples = joinL16(frames.map((data) => codedOf({ data })));
  expect(findSound(tone(440, 16_000, 16_000), samples).likeness).toBeGreaterThan(0.999);
});

test.each([8_000, 16_000] as const)("AAC from %d, at 48,000", (inputRate) => {
  const { encoder, frames } = encode({ codec: "AAC", inputRate }, tone(440, inputRate, 2 * inputRate));
  expect(encoder).toMatchObject({ sampleRate: 48_000, frameSampleCount: 1_024 });
  const config = decodeAudioSpecificConfig(encoder.config ?? new Uint8Array(0));
  const decoder = new AacDecoder(config, { channels: "mono", decimation: 1 });
  const samples = Float32Array.from(frames.flatMap((unit) => [...decoder.decode(unit)]));
  expect(findSound(tone(440, 48_000, 48_000), samples).likeness).toBeGreaterThan(0.99);
});

test("AAC keeps to its bit rate", () => {
  const { frames } = encode(
    { codec: "AAC", inputRate: 8_000, bitsPerSecond: 32_000 },
    tone(440, 8_000, 80_000),
  );
  const bits = 8 * frames.reduce((sum, { length }) => sum + length, 0);
  expect(bits / 10).toBeLessThan(33_000);
});
