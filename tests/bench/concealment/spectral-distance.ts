import { Fft } from "../../../src/codecs/aac/fft.ts";

const FRAME = 256;
const HOP = 128;
/** Softer than this below the loudest bin of all, nobody hears it beside speech. */
const FLOOR_DB = 60;

/**
 * Log-spectral distance in dB: the RMS difference of the spectra of frames of 32 ms at 8 kHz, the mean over all frames.
 * It hears what STOI forgives: a wrong level and a buzz.
 */
export function measureSpectralDistance(clean: Float32Array, heard: Float32Array): number {
  const [x, y] = [toSpectra(clean), toSpectra(heard)];
  const loudest = x.reduce((most, frame) => frame.reduce((a, b) => Math.max(a, b), most), 0);
  const floor = loudest * 10 ** (-FLOOR_DB / 10);
  const distances = x.map((frame, at) => {
    const other = y[at] ?? frame;
    const squares = frame.reduce((total, power, bin) => {
      return total + (10 * Math.log10((power + floor) / ((other[bin] ?? 0) + floor))) ** 2;
    }, 0);
    return Math.sqrt(squares / frame.length);
  });
  return distances.reduce((total, distance) => total + distance, 0) / distances.length;
}

function toSpectra(samples: Float32Array): readonly Float64Array[] {
  const fft = new Fft(FRAME);
  const im = new Float64Array(FRAME);
  const re = new Float64Array(FRAME);
  return Array.from({ length: Math.floor((samples.length - FRAME) / HOP) + 1 }, (_, frame) => {
    im.fill(0);
    for (let n = 0; n < FRAME; n++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / FRAME);
      re[fft.order[n] ?? 0] = window * (samples[frame * HOP + n] ?? 0);
    }
    fft.transform(re, im);
    return Float64Array.from({ length: FRAME / 2 }, (_, bin) => (re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2);
  });
}
