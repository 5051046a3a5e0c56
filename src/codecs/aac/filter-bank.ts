import type { Reals } from "./fft.ts";
import { Imdct } from "./imdct.ts";
import {
  type Decimation,
  KAISER_BESSEL,
  LONG_LENGTH,
  SHORT_LENGTH,
  SINE,
  type WindowShape,
  windowSlope,
} from "./window.ts";
import { EIGHT_SHORT, LONG_STOP, ONLY_LONG, type WindowInfo, type WindowSequence } from "./window-info.ts";

/** To full scale ±1 from the standard's ±32,768, and 4.6.11.3.1's factor 2/N for N = 2·length. */
const LONG_SCALE = 1 / (LONG_LENGTH * 32_768);
const SHORT_SCALE = 1 / (SHORT_LENGTH * 32_768);

/** What all channels of a decoder share. */
export class Transforms {
  readonly long: Imdct;
  readonly short: Imdct;
  /** By window shape. */
  readonly longSlopes: readonly [Reals, Reals];
  readonly shortSlopes: readonly [Reals, Reals];

  constructor(readonly decimation: Decimation) {
    this.long = new Imdct(LONG_LENGTH / decimation, LONG_SCALE);
    this.short = new Imdct(SHORT_LENGTH / decimation, SHORT_SCALE);
    const slopes = (length: typeof LONG_LENGTH | typeof SHORT_LENGTH): readonly [Reals, Reals] => [
      windowSlope(SINE, length, decimation),
      windowSlope(KAISER_BESSEL, length, decimation),
    ];
    this.longSlopes = slopes(LONG_LENGTH);
    this.shortSlopes = slopes(SHORT_LENGTH);
  }
}

/**
 * From spectra to samples, ISO/IEC 14496-3 4.6.11: inverse MDCT, windows and overlap. A frame's first half is `middle`'s
 * first half against `overlap`, which is the middle's second half of the frame before: both still with aliases where a
 * window's slope is to come, plain samples where it is flat. Indices are within the arrays, hence `as number`.
 */
export class FilterBank {
  readonly #transforms: Transforms;
  /** Samples of a frame. */
  readonly #length: number;
  readonly #middle: Reals;
  readonly #overlap: Reals;
  /** Samples of eight short windows, of which the last ones belong to the next frame. */
  readonly #joined: Float32Array;
  /** How long a long window stays flat beside a short slope. */
  readonly #flatLength: number;
  #lastSequence: WindowSequence = ONLY_LONG;
  #lastShape: WindowShape = SINE;

  constructor(transforms: Transforms) {
    this.#transforms = transforms;
    this.#length = LONG_LENGTH / transforms.decimation;
    this.#middle = new Float64Array(this.#length);
    this.#overlap = new Float64Array(this.#length / 2);
    this.#joined = new Float32Array(this.#length);
    this.#flatLength = (LONG_LENGTH - SHORT_LENGTH) / 2 / transforms.decimation;
  }

  /** Forgets the frame before, so that the next one fades in. */
  reset(): void {
    this.#overlap.fill(0);
    this.#lastSequence = ONLY_LONG;
    this.#lastShape = SINE;
  }

  /** Whether both channels' last windows were alike, so that their overlaps may be added. */
  continuesLike(other: FilterBank): boolean {
    return this.#lastSequence === other.#lastSequence && this.#lastShape === other.#lastShape;
  }

  /** Takes over the other's overlap, which is 0 afterwards. */
  absorb(other: FilterBank): void {
    const overlap = this.#overlap;
    const absorbed = other.#overlap;
    for (let i = 0; i < overlap.length; i++) overlap[i] = (overlap[i] ?? 0) + (absorbed[i] ?? 0);
    absorbed.fill(0);
  }

  /** As if it had filtered the same windows as the other, of silence. Its own overlap must be 0. */
  follow(other: FilterBank): void {
    this.#lastSequence = other.#lastSequence;
    this.#lastShape = other.#lastShape;
  }

  /** Writes a frame's samples to each `step`-th place from `out[at]` on. */
  process(spectrum: Reals, info: WindowInfo, out: Float32Array, at: number, step: 1 | 2): void {
    const { sequence, shape } = info;
    if (sequence === EIGHT_SHORT) {
      this.#copyFlat(out, at, step);
      this.#processShort(spectrum, shape, out, at, step);
    } else {
      this.#transforms.long.transform(spectrum, 0, this.#middle, 0);
      const endedLong = this.#lastSequence === ONLY_LONG || this.#lastSequence === LONG_STOP;
      if (endedLong && sequence !== LONG_STOP) {
        const slope = this.#transforms.longSlopes[this.#lastShape];
        overlapAdd(out, at, step, this.#overlap, 0, this.#middle, 0, slope);
      } else {
        this.#copyFlat(out, at, step);
        this.#processStop(out, at, step);
      }
      const half = this.#length >> 1;
      for (let i = 0; i < half; i++) this.#overlap[i] = this.#middle[half + i] as number;
    }
    this.#lastSequence = sequence;
    this.#lastShape = shape;
  }

  /** Samples before the first short slope. */
  #copyFlat(out: Float32Array, at: number, step: number): void {
    const flat = this.#flatLength;
    for (let i = 0, place = at; i < flat; i++, place += step) out[place] = this.#overlap[i] as number;
  }

  /** From a short slope on a long window. */
  #processStop(out: Float32Array, at: number, step: number): void {
    const flat = this.#flatLength;
    const slope = this.#transforms.shortSlopes[this.#lastShape];
    overlapAdd(out, at + flat * step, step, this.#overlap, flat, this.#middle, 0, slope);
    const short = slope.length;
    let place = at + (flat + short) * step;
    for (let i = short >> 1; i < this.#length >> 1; i++, place += step) {
      out[place] = this.#middle[i] as number;
    }
  }

  #processShort(spectrum: Reals, shape: WindowShape, out: Float32Array, at: number, step: number): void {
    const { short: imdct, shortSlopes } = this.#transforms;
    const short = imdct.length;
    const half = short >> 1;
    const middle = this.#middle;
    const joined = this.#joined;
    for (let i = 0; i < 8; i++) imdct.transform(spectrum, i * SHORT_LENGTH, middle, i * short);
    const flat = this.#flatLength;
    overlapAdd(joined, 0, 1, this.#overlap, flat, middle, 0, shortSlopes[this.#lastShape]);
    for (let i = 1; i < 8; i++) {
      overlapAdd(joined, i * short, 1, middle, i * short - half, middle, i * short, shortSlopes[shape]);
    }
    const outCount = this.#length - flat;
    let place = at + flat * step;
    for (let i = 0; i < outCount; i++, place += step) out[place] = joined[i] as number;
    for (let i = 0; i < flat; i++) this.#overlap[i] = joined[outCount + i] as number;
    for (let i = 0; i < half; i++) this.#overlap[flat + i] = middle[8 * short - half + i] as number;
  }
}

/**
 * Two windows' halves over one slope: half a slope's samples of the fading one from `fadingAt` and of the rising one from
 * `risingAt` on make a whole slope's samples of `out`, as their aliases cancel out.
 */
function overlapAdd(
  out: Float32Array,
  at: number,
  step: number,
  fading: Reals,
  fadingAt: number,
  rising: Reals,
  risingAt: number,
  slope: Reals,
): void {
  const length = slope.length;
  const half = length >> 1;
  let low = at;
  let high = at + (length - 1) * step;
  for (let i = 0, j = length - 1; i < half; i++, j--, low += step, high -= step) {
    const a = fading[fadingAt + i] as number;
    const b = rising[risingAt + half - 1 - i] as number;
    const up = slope[i] as number;
    const down = slope[j] as number;
    out[low] = a * down - b * up;
    out[high] = a * up + b * down;
  }
}
