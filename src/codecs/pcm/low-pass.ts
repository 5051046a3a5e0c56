import { besselI0 } from "../bessel.ts";

/** A low-pass for changing the sample rate by phaseCount / step: one row of `tapCount` coefficients for each phase. */
export type LowPass = {
  readonly phaseCount: number;
  readonly step: number;
  readonly tapCount: number;
  /** By phase, each row in the order of the samples it is multiplied with: oldest first. */
  readonly coefficients: Float64Array;
};

/**
 * Length of the filter in samples of the lower rate, its cut-off beside half the lower rate, and the Kaiser window's
 * shape. Together: 0.4 dB to 0.85 of half the lower rate, -60 dB from 1.15 on, so that what folds back stays above 0.85.
 */
const LENGTH = 21;
const CUT_OFF = 0.97;
const KAISER_BETA = 5.75;
/** From 0.85 to 1.15 of half the lower rate. */
const TRANSITION = 0.3;
/** The inner loop takes four taps at a time. */
const TAPS_AT_ONCE = 4;
/** Rates of sound have ratios below this (11.025 → 32 kHz: 1280 / 441); others are approached, within 0.08 %. */
const MAX_PHASES = 1280;
/** All pairs that one gateway meets; a peer that announces odd rates must not fill the memory. */
const MAX_CACHED = 32;

const cache = new Map<string, LowPass>();

/**
 * What the stream of the higher rate has above half the lower one: sound that must go (or images that must not come), or
 * nothing that counts, because it was taken out before or is left out later. Then a third of the filter does.
 */
export type UpperBand = "sound" | "nothing";

/** The same object for the same arguments, since many calls share it. */
export function designLowPass(inputRate: number, outputRate: number, upperBand: UpperBand): LowPass {
  const key = `${inputRate} ${outputRate} ${upperBand}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const lowPass = tabulate(inputRate, outputRate, chooseSlope(inputRate, outputRate, upperBand));
  if (cache.size === MAX_CACHED) for (const [oldest] of cache.entries().take(1)) cache.delete(oldest);
  cache.set(key, lowPass);
  return lowPass;
}

/** In samples of the lower rate, and beside half of it. */
type Slope = { readonly length: number; readonly cutOff: number };

/** With nothing above half the lower rate, the slope may take all the way to its mirror image at the higher rate. */
function chooseSlope(inputRate: number, outputRate: number, upperBand: UpperBand): Slope {
  const higherToLower = Math.max(inputRate, outputRate) / Math.min(inputRate, outputRate);
  const width = 2 * (higherToLower - 1);
  if (upperBand === "sound" || width <= TRANSITION) return { length: LENGTH, cutOff: CUT_OFF };
  return { length: (LENGTH * TRANSITION) / width, cutOff: higherToLower };
}

function tabulate(inputRate: number, outputRate: number, slope: Slope): LowPass {
  const { numerator: phaseCount, denominator: step } = approachRatio(outputRate, inputRate, MAX_PHASES);
  const lowerRate = Math.min(inputRate, outputRate);
  const tapCount = TAPS_AT_ONCE * Math.ceil((slope.length * inputRate) / lowerRate / TAPS_AT_ONCE);
  const cutOff = (slope.cutOff * lowerRate) / 2 / (inputRate * phaseCount);
  const coefficients = new Float64Array(phaseCount * tapCount);
  const middle = (coefficients.length - 1) / 2;
  for (let phase = 0; phase < phaseCount; phase++) {
    const row = coefficients.subarray(phase * tapCount, (phase + 1) * tapCount);
    for (let tap = 0; tap < tapCount; tap++) {
      const fromMiddle = phase + (tapCount - 1 - tap) * phaseCount - middle;
      row[tap] = sinc(2 * cutOff * fromMiddle) * weighKaiser(fromMiddle / (middle + 0.5));
    }
    normalize(row);
  }
  return { phaseCount, step, tapCount, coefficients };
}

/** So that each phase passes a constant unchanged. */
function normalize(row: Float64Array): void {
  const sum = row.reduce((total, coefficient) => total + coefficient, 0);
  for (let tap = 0; tap < row.length; tap++) row[tap] = (row[tap] ?? 0) / sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** `x` from -1 to 1; not scaled to 1 in the middle, since each row is normalized. */
function weighKaiser(x: number): number {
  return besselI0(KAISER_BETA * Math.sqrt(1 - x * x));
}

/** The last convergent of a / b's continued fraction whose numerator and denominator are at most `max`, or a / b itself. */
function approachRatio(a: number, b: number, max: number): { numerator: number; denominator: number } {
  let [numerator, denominator, lastNumerator, lastDenominator] = [1, 0, 0, 1];
  for (let [high, low] = [a, b]; low !== 0; [high, low] = [low, high % low]) {
    const whole = Math.floor(high / low);
    const nextNumerator = whole * numerator + lastNumerator;
    const nextDenominator = whole * denominator + lastDenominator;
    if (denominator !== 0 && (nextNumerator > max || nextDenominator > max)) break;
    [lastNumerator, lastDenominator] = [numerator, denominator];
    [numerator, denominator] = [nextNumerator, nextDenominator];
  }
  return { numerator, denominator };
}
