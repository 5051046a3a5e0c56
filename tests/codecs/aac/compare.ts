import { AacDecoder, type AacDecoderOptions } from "../../../src/codecs/aac/decoder.ts";
import { Fft } from "../../../src/codecs/aac/fft.ts";
import { besselI0 } from "../../../src/codecs/bessel.ts";
import type { AdtsStream } from "./adts.ts";

/** All samples of a stream, interleaved if two channels. */
export function decodeAll(stream: AdtsStream, options: AacDecoderOptions): Float32Array {
  const { sampleRate, channelCount, units } = stream;
  const config = { objectType: 2, sampleRate, channelCount, frameLength: 1024 } as const;
  const decoder = new AacDecoder(config, options);
  const frameLength = (1024 / options.decimation) * decoder.channelCount;
  const samples = new Float32Array(units.length * frameLength);
  for (const [i, unit] of units.entries()) samples.set(decoder.decode(unit), i * frameLength);
  return samples;
}

/** In dB; infinite when they are equal. */
export function measureSnr(want: Float32Array, have: Float32Array): number {
  let signal = 0;
  let noise = 0;
  for (const [i, value] of want.entries()) {
    signal += value ** 2;
    noise += (value - (have[i] ?? 0)) ** 2;
  }
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
}

export function pickChannel(pairs: Float32Array, channel: 0 | 1): Float32Array {
  return Float32Array.from({ length: pairs.length / 2 }, (_, i) => pairs[2 * i + channel] ?? 0);
}

export function mixToMono(samples: Float32Array, channelCount: number): Float32Array {
  if (channelCount === 1) return samples;
  return Float32Array.from(
    { length: samples.length / 2 },
    (_, i) => 0.5 * ((samples[2 * i] ?? 0) + (samples[2 * i + 1] ?? 0)),
  );
}

const BAND_COUNT = 16;

/** The largest difference of level, in dB, over 16 bands of equal width. */
export function measureWorstBand(want: Float32Array, have: Float32Array): number {
  const wanted = measureBands(want);
  const had = measureBands(have);
  const total = wanted.reduce((sum, energy) => sum + energy, 0);
  const differences = wanted.map((energy, band) => {
    // Bands with nothing in them differ by rounding.
    const floor = total * 1e-6;
    return Math.abs(10 * Math.log10((energy + floor) / ((had[band] ?? 0) + floor)));
  });
  return Math.max(...differences);
}

function measureBands(samples: Float32Array): number[] {
  const size = 512;
  const fft = new Fft(size);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const bands: number[] = new Array(BAND_COUNT).fill(0);
  for (let start = 0; start + size <= samples.length; start += size / 2) {
    for (const [n, place] of fft.order.entries()) {
      re[place] = (samples[start + n] ?? 0) * Math.sin((Math.PI * (n + 0.5)) / size) ** 2;
      im[place] = 0;
    }
    fft.transform(re, im);
    for (let k = 0; k < size / 2; k++) {
      const band = Math.floor((k * BAND_COUNT * 2) / size);
      bands[band] = (bands[band] ?? 0) + (re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2;
    }
  }
  return bands;
}

/** A low-pass that ends between 3.4 and 4 kHz with 90 dB, as a function of time: sinc in a Kaiser window. */
const CUTOFF_HZ = 3700;
const REACH_S = 0.005;
const KAISER_BETA = 9;

function lowPassAt(seconds: number): number {
  const part = seconds / REACH_S;
  if (Math.abs(part) >= 1) return 0;
  const window = besselI0(KAISER_BETA * Math.sqrt(1 - part ** 2)) / besselI0(KAISER_BETA);
  const angle = 2 * Math.PI * CUTOFF_HZ * seconds;
  return 2 * CUTOFF_HZ * window * (angle === 0 ? 1 : Math.sin(angle) / angle);
}

/**
 * SNR below 3.4 kHz of a decimated decode against the one at the full rate. A sample lies in the middle of the stretch
 * that it stands for, so the n-th decimated one lies between those of the full rate around decimation·(n + 1/2).
 */
export function compareLowBand(
  full: Float32Array,
  rate: number,
  low: Float32Array,
  decimation: number,
): number {
  const lowTaps = makeTaps(rate / decimation, 0);
  const fullTaps = makeTaps(rate, ((decimation - 1) / 2) % 1);
  const fullReach = (fullTaps.length - 1) >> 1;
  const first = Math.ceil(fullReach / decimation) + 1;
  let signal = 0;
  let noise = 0;
  for (let n = first; n < low.length - first; n += 3) {
    const want = convolve(full, Math.floor(decimation * n + (decimation - 1) / 2), fullTaps);
    signal += want ** 2;
    noise += (want - convolve(low, n, lowTaps)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** Taps for the value `fraction` of a sample after the one in the middle. */
function makeTaps(rate: number, fraction: number): Float64Array {
  const reach = Math.ceil(REACH_S * rate) + 1;
  return Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => lowPassAt((i - reach - fraction) / rate) / rate,
  );
}

function convolve(samples: Float32Array, at: number, taps: Float64Array): number {
  const from = at - ((taps.length - 1) >> 1);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) sum += (samples[from + i] ?? 0) * (taps[i] ?? 0);
  return sum;
}
