import { AacEncoder } from "../../../src/codecs/aac/encoder.ts";
import { decodeL16 } from "../../../src/codecs/pcm/l16.ts";
import type { CodedAudio } from "../../../src/media/audio/coding/coded-audio.ts";

export function tone(hertz: number, sampleRate: number, sampleCount: number): Float32Array {
  return Float32Array.from(
    { length: sampleCount },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / sampleRate),
  );
}

export function rmsOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 0; n < samples.length; n++) sum += (samples[n] ?? 0) ** 2;
  return Math.sqrt(sum / samples.length);
}

/** A coded frame; whatever is given replaces what a key frame of G.711 A-law at 0 has. */
export function codedOf(given: Partial<CodedAudio>): CodedAudio {
  return {
    codec: "G711A",
    role: "key",
    timestampMs: 0,
    data: new Uint8Array(160).fill(0xd5),
    sampleRate: 8_000,
    channelCount: 1,
    ...given,
  };
}

/** A config and the access units of mono sound, each with its time, as a publisher sends them. */
export function aacOf(samples: Float32Array, inputRate: 8_000 | 16_000, outputRate = 48_000): CodedAudio[] {
  const encoder = new AacEncoder({ inputRate, outputRate, bitsPerSecond: 48_000 });
  const frames = [codedOf({ codec: "AAC", role: "config", data: encoder.config, sampleRate: 0 })];
  encoder.encode(samples, (unit) => {
    const timestampMs = Math.round(((frames.length - 1) * 1_024_000) / outputRate);
    frames.push(codedOf({ codec: "AAC", timestampMs, data: unit.slice(), sampleRate: 0 }));
  });
  return frames;
}

/** Copies of what is handed out. */
export function collectCoded(): { frames: CodedAudio[]; onCoded: (coded: CodedAudio) => void } {
  const frames: CodedAudio[] = [];
  return { frames, onCoded: (coded) => frames.push({ ...coded, data: coded.data.slice() }) };
}

export function joinL16(frames: readonly CodedAudio[]): Float32Array {
  const bytes = Buffer.concat(frames.map(({ data }) => data));
  const samples = new Float32Array(bytes.length / 2);
  decodeL16(bytes, samples, true);
  return samples;
}
