import { Fft } from "../../../src/codecs/aac/fft.ts";
import { Resampler } from "../../../src/codecs/pcm/resampler.ts";

const RATE = 10_000;
const FRAME = 256;
const HOP = 128;
const FFT_SIZE = 512;
const BAND_COUNT = 15;
const LOWEST_HZ = 150;
/** Frames of a segment: 384 ms. */
const SEGMENT = 30;
const SILENT_DB = 40;
/** A disturbance is cut at -15 dB of signal to distortion. */
const CLIP = 1 + 10 ** (15 / 20);

const WINDOW = Float64Array.from(
  { length: FRAME },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 1)) / (FRAME + 1)),
);

/** Bins from..to of each one-third octave. */
const BANDS = Array.from({ length: BAND_COUNT }, (_, band) => {
  const nearestBin = (hz: number) => Math.round((hz * FFT_SIZE) / RATE);
  const centreHz = LOWEST_HZ * 2 ** (band / 3);
  return { from: nearestBin(centreHz * 2 ** (-1 / 6)), to: nearestBin(centreHz * 2 ** (1 / 6)) };
});

/**
 * Short-time objective intelligibility: 1 where speech is whole, less where the envelopes of its bands are another's.
 * C. Taal, R. Hendriks, R. Heusdens, J. Jensen, "An Algorithm for Intelligibility Prediction of Time-Frequency Weighted
 * Noisy Speech", IEEE TASLP 2011. Both sounds are of one rate and in step.
 */
export function measureStoi(clean: Float32Array, heard: Float32Array, sampleRate: number): number {
  const [x, y] = removeSilence(toRate(clean, sampleRate), toRate(heard, sampleRate));
  const [cleanBands, heardBands] = [splitBands(x), splitBands(y)];
  let sum = 0;
  let count = 0;
  for (let end = SEGMENT; end <= frameCountOf(x); end++) {
    for (let band = 0; band < BAND_COUNT; band++) {
      const cut = (bands: readonly Float64Array[]) =>
        bands[band]?.subarray(end - SEGMENT, end) ?? new Float64Array(0);
      sum += compareEnvelopes(cut(cleanBands), cut(heardBands));
      count += 1;
    }
  }
  return sum / count;
}

function toRate(samples: Float32Array, sampleRate: number): Float32Array {
  return sampleRate === RATE ? samples : new Resampler(sampleRate, RATE).process(samples).slice();
}

function frameCountOf(samples: Float32Array | Float64Array): number {
  return Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1);
}

/** Leaves out the frames in which the clean speech is 40 dB softer than in its loudest; what is left is overlapped anew. */
function removeSilence(clean: Float32Array, heard: Float32Array): [Float64Array, Float64Array] {
  const levels = Array.from({ length: frameCountOf(clean) }, (_, frame) => {
    let energy = 0;
    for (let n = 0; n < FRAME; n++) energy += ((WINDOW[n] ?? 0) * (clean[frame * HOP + n] ?? 0)) ** 2;
    return 10 * Math.log10(energy + Number.MIN_VALUE);
  });
  const loudest = levels.reduce((most, level) => Math.max(most, level), Number.NEGATIVE_INFINITY);
  const kept = [...levels.keys()].filter((frame) => (levels[frame] ?? 0) > loudest - SILENT_DB);
  const join = (samples: Float32Array) => {
    const joined = new Float64Array((kept.length - 1) * HOP + FRAME);
    for (const [place, frame] of kept.entries()) {
      for (let n = 0; n < FRAME; n++) {
        const at = place * HOP + n;
        joined[at] = (joined[at] ?? 0) + (WINDOW[n] ?? 0) * (samples[frame * HOP + n] ?? 0);
      }
    }
    return joined;
  };
  return [join(clean), join(heard)];
}

/** The envelope of each band, a value for each frame. */
function splitBands(samples: Float64Array): readonly Float64Array[] {
  const fft = new Fft(FFT_SIZE);
  const re = new Float64Array(FFT_SIZE);
  const im = new Float64Array(FFT_SIZE);
  const frameCount = frameCountOf(samples);
  const envelopes = BANDS.map(() => new Float64Array(frameCount));
  for (let frame = 0; frame < frameCount; frame++) {
    re.fill(0);
    im.fill(0);
    for (let n = 0; n < FRAME; n++)
      re[fft.order[n] ?? 0] = (WINDOW[n] ?? 0) * (samples[frame * HOP + n] ?? 0);
    fft.transform(re, im);
    for (const [band, { from, to }] of BANDS.entries()) {
      let power = 0;
      for (let bin = from; bin < to; bin++) power += (re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2;
      const envelope = envelopes[band];
      if (envelope !== undefined) envelope[frame] = Math.sqrt(power);
    }
  }
  return envelopes;
}

/** The correlation of two envelopes, once the heard one is as strong as the clean one and its excesses are cut. */
function compareEnvelopes(clean: Float64Array, heard: Float64Array): number {
  const gain = Math.sqrt(sum(clean, (x) => x * x) / (sum(heard, (y) => y * y) + Number.EPSILON));
  const cut = heard.map((y, n) => Math.min(y * gain, (clean[n] ?? 0) * CLIP));
  const [meanClean, meanCut] = [sum(clean, (x) => x) / SEGMENT, sum(cut, (y) => y) / SEGMENT];
  const product = sum(clean, (x, n) => (x - meanClean) * ((cut[n] ?? 0) - meanCut));
  const power = sum(clean, (x) => (x - meanClean) ** 2) * sum(cut, (y) => (y - meanCut) ** 2);
  return product / (Math.sqrt(power) + Number.EPSILON);
}

function sum(values: Float64Array, of: (value: number, n: number) => number): number {
  let total = 0;
  for (let n = 0; n < values.length; n++) total += of(values[n] ?? 0, n);
  return total;
}
