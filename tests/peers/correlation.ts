export type Match = {
  /** Normalized cross-correlation where it is best: 1 is the same sound at any volume, 0 another one. */
  readonly likeness: number;
  /** Where the reference begins in the recording. */
  readonly lagSampleCount: number;
};

/** Looks for the whole `reference` in `recording`, at every lag that has room for it; both at one sample rate. */
export function findSound(reference: Float32Array, recording: Float32Array): Match {
  const lagCount = recording.length - reference.length + 1;
  if (reference.length === 0 || lagCount < 1) return { likeness: 0, lagSampleCount: 0 };
  const products = correlate(reference, recording);
  const energyBefore = sumSquares(recording);
  const referenceEnergy = sumSquares(reference)[reference.length] ?? 0;
  let best: Match = { likeness: -1, lagSampleCount: 0 };
  for (let lag = 0; lag < lagCount; lag++) {
    const energy = (energyBefore[lag + reference.length] ?? 0) - (energyBefore[lag] ?? 0);
    const scale = Math.sqrt(energy * referenceEnergy);
    const likeness = scale > 1e-9 ? (products[lag] ?? 0) / scale : 0;
    if (likeness > best.likeness) best = { likeness, lagSampleCount: lag };
  }
  return best;
}

const PIECE_SECONDS = 0.3;
const DRIFT_SECONDS = 0.15;

/**
 * Looks for a sentence that a playout may have stretched or shortened by a pitch period here and there: piece by piece,
 * each within 150 ms of where its neighbour would have it, from the one that is found best on, forth and back. The
 * likeness is that of the pieces, the louder the weightier.
 */
export function findSpeech(reference: Float32Array, recording: Float32Array, sampleRate: number): Match {
  const length = Math.round(PIECE_SECONDS * sampleRate);
  const starts = Array.from({ length: Math.floor(reference.length / length) }, (_, n) => n * length);
  const energyOf = (start: number) => sumSquares(reference.subarray(start, start + length))[length] ?? 0;
  const total = starts.reduce((sum, start) => sum + energyOf(start), 0);
  const pieces = starts
    .map((start) => ({
      start,
      weight: energyOf(start) / total,
      piece: reference.subarray(start, start + length),
    }))
    .filter(({ weight }) => weight > 0.01);
  const anchors = pieces.map(({ start, piece }) => {
    const { likeness, lagSampleCount } = findSound(piece, recording);
    return { likeness, lagSampleCount: lagSampleCount - start };
  });
  const anchor = anchors.reduce((best, next) => (next.likeness > best.likeness ? next : best), NOT_FOUND);
  const anchorIndex = anchors.indexOf(anchor);
  const drift = Math.round(DRIFT_SECONDS * sampleRate);
  const walk = (way: readonly (typeof pieces)[number][]): number => {
    let { lagSampleCount: lag } = anchor;
    return way.reduce((sum, { start, weight, piece }) => {
      const from = Math.max(0, lag + start - drift);
      const found = findSound(piece, recording.subarray(from, from + 2 * drift + length));
      // Where a piece is not found its place says nothing about the next one's.
      if (found.likeness > SURE_LIKENESS) lag = from + found.lagSampleCount - start;
      return sum + weight * found.likeness;
    }, 0);
  };
  if (anchorIndex < 0) return NOT_FOUND;
  const likeness = walk(pieces.slice(anchorIndex)) + walk(pieces.slice(0, anchorIndex).reverse());
  return { likeness, lagSampleCount: anchor.lagSampleCount };
}

const SURE_LIKENESS = 0.7;

const NOT_FOUND: Match = { likeness: 0, lagSampleCount: 0 };

/** Element n is the sum of the first n squares. */
function sumSquares(samples: Float32Array): Float64Array {
  const sums = new Float64Array(samples.length + 1);
  for (let n = 0; n < samples.length; n++) sums[n + 1] = (sums[n] ?? 0) + (samples[n] ?? 0) ** 2;
  return sums;
}

/** Element `lag` is the sum of reference[n] × recording[n + lag]: a product of spectra, one of them conjugate. */
function correlate(reference: Float32Array, recording: Float32Array): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(reference.length + recording.length));
  const left = transform(reference, size);
  const right = transform(recording, size);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const [a, b, c, d] = [left.re[k] ?? 0, left.im[k] ?? 0, right.re[k] ?? 0, right.im[k] ?? 0];
    re[k] = (a * c + b * d) / size;
    // The inverse transform is the forward one of the conjugate, for a result that is real.
    im[k] = -(a * d - b * c) / size;
  }
  runFft(re, im);
  return re;
}

function transform(samples: Float32Array, size: number): { re: Float64Array; im: Float64Array } {
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  re.set(samples);
  runFft(re, im);
  return { re, im };
}

/** Cooley and Tukey's, radix 2, in place; the length is a power of two. */
function runFft(re: Float64Array, im: Float64Array): void {
  swapBitReversed(re);
  swapBitReversed(im);
  for (let half = 1; half < re.length; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = (-Math.PI * k) / half;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let even = k; even < re.length; even += 2 * half) butterfly(re, im, even, even + half, cos, sin);
    }
  }
}

function butterfly(
  re: Float64Array,
  im: Float64Array,
  even: number,
  odd: number,
  cos: number,
  sin: number,
): void {
  const [x, y] = [re[odd] ?? 0, im[odd] ?? 0];
  const [turnedRe, turnedIm] = [x * cos - y * sin, x * sin + y * cos];
  const [evenRe, evenIm] = [re[even] ?? 0, im[even] ?? 0];
  re[even] = evenRe + turnedRe;
  im[even] = evenIm + turnedIm;
  re[odd] = evenRe - turnedRe;
  im[odd] = evenIm - turnedIm;
}

function swapBitReversed(values: Float64Array): void {
  let reversed = 0;
  for (let index = 1; index < values.length; index++) {
    let bit = values.length >> 1;
    for (; (reversed & bit) !== 0; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) {
      const kept = values[index] ?? 0;
      values[index] = values[reversed] ?? 0;
      values[reversed] = kept;
    }
  }
}
