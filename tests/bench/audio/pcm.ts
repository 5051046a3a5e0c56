import { decodeALaw, encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { decodeULaw, encodeULaw } from "../../../src/codecs/g711/u-law.ts";
import { Resampler } from "../../../src/codecs/pcm/resampler.ts";
import type { AudioBench } from "./measure.ts";

const FRAMES_PER_SECOND = 50;
const TELEPHONE_RATE = 8000;

type Decode = (bytes: Uint8Array, samples: Float32Array) => void;
type Encode = (samples: Float32Array, bytes: Uint8Array) => void;

export const BENCHES: readonly AudioBench[] = [
  benchDecode("A-law → PCM", decodeALaw),
  benchDecode("µ-law → PCM", decodeULaw),
  benchEncode("PCM → A-law", encodeALaw),
  benchEncode("PCM → µ-law", encodeULaw),
  benchResampler(12_000, 8000),
  benchResampler(8000, 12_000),
  benchResampler(48_000, 8000),
  benchResampler(16_000, 24_000),
];

function benchDecode(name: string, decode: Decode): AudioBench {
  return {
    name,
    prepare: () => {
      const bytes = Uint8Array.from({ length: TELEPHONE_RATE / FRAMES_PER_SECOND }, (_, n) => 37 * n);
      const samples = new Float32Array(bytes.length);
      return () => {
        for (let frame = 0; frame < FRAMES_PER_SECOND; frame++) decode(bytes, samples);
      };
    },
  };
}

function benchEncode(name: string, encode: Encode): AudioBench {
  return {
    name,
    prepare: () => {
      const samples = makeFrame(TELEPHONE_RATE);
      const bytes = new Uint8Array(samples.length);
      return () => {
        for (let frame = 0; frame < FRAMES_PER_SECOND; frame++) encode(samples, bytes);
      };
    },
  };
}

function benchResampler(inputRate: number, outputRate: number): AudioBench {
  return {
    name: `${inputRate / 1000} → ${outputRate / 1000} kHz`,
    prepare: () => {
      const samples = makeFrame(inputRate);
      const resampler = new Resampler(inputRate, outputRate);
      return () => {
        for (let frame = 0; frame < FRAMES_PER_SECOND; frame++) resampler.process(samples);
      };
    },
  };
}

/** 20 ms that are as loud as speech. */
function makeFrame(sampleRate: number): Float32Array {
  return Float32Array.from({ length: sampleRate / FRAMES_PER_SECOND }, (_, n) => 0.3 * Math.sin(n * n));
}
