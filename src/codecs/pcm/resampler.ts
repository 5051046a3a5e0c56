import { AppError } from "../../errors.ts";
import { designLowPass, type LowPass, type UpperBand } from "./low-pass.ts";

const MIN_RATE = 7_350;
const MAX_RATE = 96_000;

/**
 * Changes the sample rate of a mono stream by a polyphase FIR filter: flat within 0.4 dB to 0.85 of half the lower rate
 * (3.4 kHz of 4), at least 60 dB down from 1.15 of it; or, with nothing in the upper band, flat up to half the lower rate.
 * Any chunks give the same stream as one.
 */
export class Resampler {
  /**
   * Of the filter: 10.5 to 12.5 samples of the lower rate, 1.5 ms at most where that is 8 kHz; less with nothing in the upper band. 0
   * between equal rates.
   */
  readonly delayMs: number;
  readonly #lowPass: LowPass;
  /** The last tapCount - 1 samples of earlier chunks, then the chunk. */
  #input: Float64Array;
  #output = new Float32Array(0);
  /** Of #output by length, since even chunks have few lengths and a view is an allocation. */
  readonly #views = new Map<number, Float32Array>();
  /** Where the next output's newest sample lies behind the chunk's first, and between which samples it falls. */
  #position = 0;
  #phase = 0;

  /** Whole rates from 7,350 Hz (the lowest of AAC) to 96 kHz. */
  constructor(inputRate: number, outputRate: number, upperBand: UpperBand = "sound") {
    for (const rate of [inputRate, outputRate]) {
      if (!(Number.isInteger(rate) && rate >= MIN_RATE && rate <= MAX_RATE))
        throw new AppError("bug", "resampler.rate", { have: rate, min: MIN_RATE, max: MAX_RATE });
    }
    this.#lowPass = designLowPass(inputRate, outputRate, upperBand);
    const { phaseCount, tapCount } = this.#lowPass;
    this.#input = new Float64Array(tapCount - 1);
    this.delayMs =
      inputRate === outputRate ? 0 : (500 * (tapCount * phaseCount - 1)) / (phaseCount * inputRate);
  }

  /**
   * Takes any count of samples and gives all that follow from the samples up to now: a view, valid until the next call;
   * between equal rates the input itself.
   */
  process(input: Float32Array): Float32Array {
    const { phaseCount, step, tapCount } = this.#lowPass;
    if (phaseCount === step) return input;
    const historyCount = tapCount - 1;
    this.#reserve(historyCount + input.length, Math.ceil((input.length * phaseCount) / step) + 1);
    this.#input.set(input, historyCount);
    const outputCount = this.#filter(input.length);
    this.#input.copyWithin(0, input.length, input.length + historyCount);
    return this.#view(outputCount);
  }

  /** Forgets the stream, as if just made. */
  reset(): void {
    this.#input.fill(0);
    this.#position = 0;
    this.#phase = 0;
  }

  #filter(inputCount: number): number {
    const { phaseCount, step, tapCount, coefficients } = this.#lowPass;
    const wholeStep = Math.floor(step / phaseCount);
    const restStep = step % phaseCount;
    const input = this.#input;
    const output = this.#output;
    let position = this.#position;
    let phase = this.#phase;
    let count = 0;
    while (position < inputCount) {
      output[count++] = multiply(input, position, coefficients, phase * tapCount, tapCount);
      position += wholeStep;
      phase += restStep;
      if (phase >= phaseCount) {
        phase -= phaseCount;
        position++;
      }
    }
    this.#position = position - inputCount;
    this.#phase = phase;
    return count;
  }

  /** Grows for the longest chunk, after which nothing is allocated. */
  #reserve(inputCount: number, outputCount: number): void {
    if (this.#input.length < inputCount) {
      const grown = new Float64Array(inputCount);
      grown.set(this.#input);
      this.#input = grown;
    }
    if (this.#output.length < outputCount) {
      this.#output = new Float32Array(outputCount);
      this.#views.clear();
    }
  }

  #view(length: number): Float32Array {
    const known = this.#views.get(length);
    if (known !== undefined) return known;
    const view = this.#output.subarray(0, length);
    this.#views.set(length, view);
    return view;
  }
}

/** Four sums, so that no addition waits for the one before. Indices are within the arrays. */
function multiply(
  input: Float64Array,
  inputAt: number,
  coefficients: Float64Array,
  coefficientsAt: number,
  tapCount: number,
): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let tap = 0; tap < tapCount; tap += 4) {
    const i = inputAt + tap;
    const c = coefficientsAt + tap;
    sum0 += (input[i] as number) * (coefficients[c] as number);
    sum1 += (input[i + 1] as number) * (coefficients[c + 1] as number);
    sum2 += (input[i + 2] as number) * (coefficients[c + 2] as number);
    sum3 += (input[i + 3] as number) * (coefficients[c + 3] as number);
  }
  return sum0 + sum1 + (sum2 + sum3);
}
