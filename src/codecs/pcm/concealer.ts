import { BackgroundLevel } from "./background-level.ts";
import { ComfortNoise } from "./comfort-noise.ts";
import { PitchCycle } from "./pitch-cycle.ts";

const HISTORY_MS = 60;
/** The last sound is repeated at full strength at first, then it fades. */
const HOLD_MS = 60;
const FADE_END_MS = 160;
/** How alike good sound must be to the invented to be put in phase with it. */
const ALIGNED_LIKENESS = 0.5;
const CROSS_FADE_MS = 5;
const ALIGNED_MS = 10;
/** Leaving out more must make it so much more alike. */
const ALIGN_GAIN = 0.02;
const NOISE_BLOCK_MS = 10;
/** What is known of the sound after a gap, and where its pitch is looked for: that much is in one packet. */
const SEQUEL_MS = 20;
const SEQUEL_PITCH = { windowMs: 6, longestMs: 14 };
/** Loud "background" is music or a hum, which nobody wants as noise: -46 dBFS. */
const LOUDEST_NOISE = 0.005;

/**
 * Invents sound where there is none: pitch periods repeated as in ITU-T G.711 Appendix I, fading into noise at the level
 * of the background, so that the line never sounds dead. Where it is known what follows, its periods are led up to.
 */
export class Concealer {
  readonly #history: Float32Array;
  readonly #cycle: PitchCycle;
  /** The beginning of what follows, backwards, and its cycle. */
  readonly #sequel: Float32Array;
  readonly #sequelCycle: PitchCycle;
  readonly #crossFade: Float32Array;
  readonly #noiseBlock: Float32Array;
  readonly #noise: ComfortNoise;
  readonly #background: BackgroundLevel;
  readonly #alignedLength: number;
  readonly #holdLength: number;
  readonly #fadeLength: number;
  #noiseAt: number;
  /** Samples since the invention began, counted as long as the fade lasts. */
  #age = 0;
  /** Samples up to what follows, and how many it were at first; 0 where that is unknown. */
  #ahead = 0;
  #gapLength = 0;
  #isInventing = false;
  #crossFadeAt: number;
  #concealedSampleCount = 0;

  constructor(sampleRate: number, seed: number) {
    const count = (ms: number): number => Math.round((sampleRate * ms) / 1000);
    this.#history = new Float32Array(count(HISTORY_MS));
    this.#cycle = new PitchCycle(sampleRate, this.#history.length);
    this.#sequel = new Float32Array(count(SEQUEL_MS));
    this.#sequelCycle = new PitchCycle(sampleRate, this.#sequel.length, SEQUEL_PITCH);
    this.#crossFade = new Float32Array(count(CROSS_FADE_MS));
    this.#crossFadeAt = this.#crossFade.length;
    this.#noiseBlock = new Float32Array(count(NOISE_BLOCK_MS));
    this.#noiseAt = this.#noiseBlock.length;
    this.#noise = new ComfortNoise(seed);
    this.#background = new BackgroundLevel(sampleRate);
    this.#alignedLength = count(ALIGNED_MS);
    this.#holdLength = count(HOLD_MS);
    this.#fadeLength = count(FADE_END_MS);
  }

  get concealedSampleCount(): number {
    return this.#concealedSampleCount;
  }

  /** RMS of the background, full scale 1.0. */
  get backgroundLevel(): number {
    return this.#background.level;
  }

  /** Takes note of good sound on its way out, `samples[from..to)`; after invented sound its beginning is cross-faded in place. */
  good(samples: Float32Array, from = 0, to = samples.length): void {
    this.#ahead = 0;
    const begin = this.#isInventing ? this.#blend(samples, from, to) : from;
    this.#background.observe(samples, begin, to);
    this.#remember(samples, from, to);
  }

  /** Fills `out[from..to)` with invented sound. */
  conceal(out: Float32Array, from = 0, to = out.length): void {
    this.seam();
    this.#crossFadeAt = 0;
    this.#invent(out, from, to);
    this.#remember(out, from, to);
    this.#concealedSampleCount += to - from;
  }

  /**
   * Says that `sequel[0..sequelLength)` follows once `gapLength` samples are concealed: they then lead up to it. Less than
   * 20 ms of it tell nothing.
   */
  leadTo(sequel: Float32Array, sequelLength: number, gapLength: number): void {
    const length = this.#sequel.length;
    if (sequelLength < length) return;
    for (let i = 0; i < length; i++) this.#sequel[i] = sequel[length - 1 - i] ?? 0;
    this.#sequelCycle.cut(this.#sequel);
    this.#gapLength = gapLength;
    this.#ahead = gapLength;
  }

  /** Says that the next good sound does not continue the last: it will be cross-faded with what the last might have become. */
  seam(): void {
    if (this.#isInventing && this.#crossFadeAt === 0) return;
    this.#isInventing = true;
    this.#crossFadeAt = 0;
    this.#begin();
  }

  /**
   * How many samples to leave out of the beginning of `samples[0..length)`, the good sound that comes next, so that it
   * meets the invented sound in phase: less than a cycle, 0 once nothing of the old sound is left or nothing is alike.
   */
  align(samples: Float32Array, length: number): number {
    if (!this.#isInventing || this.#age >= this.#fadeLength) return 0;
    const window = this.#alignedLength;
    let best = 0;
    let bestLikeness = ALIGNED_LIKENESS;
    for (let skip = 0; skip < this.#cycle.length && skip + window <= length; skip++) {
      const likeness = this.#compareWithCycle(samples, skip, window);
      if (likeness <= bestLikeness * (1 + ALIGN_GAIN)) continue;
      bestLikeness = likeness;
      best = skip;
    }
    return best;
  }

  #compareWithCycle(samples: Float32Array, from: number, length: number): number {
    let product = 0;
    let energyA = 0;
    let energyB = 0;
    for (let i = 0; i < length; i++) {
      const x = this.#cycle.at(this.#age + i);
      const y = samples[from + i] ?? 0;
      product += x * y;
      energyA += x * x;
      energyB += y * y;
    }
    return product / Math.sqrt(energyA * energyB + Number.MIN_VALUE);
  }

  #remember(samples: Float32Array, from: number, to: number): void {
    const history = this.#history;
    const count = Math.min(to - from, history.length);
    history.copyWithin(0, count);
    const at = history.length - to;
    for (let i = to - count; i < to; i++) history[at + i] = samples[i] ?? 0;
  }

  #blend(samples: Float32Array, from: number, to: number): number {
    const length = this.#crossFade.length;
    const count = Math.min(to - from, length - this.#crossFadeAt);
    this.#invent(this.#crossFade, 0, count);
    for (let i = 0; i < count; i++) {
      const share = (this.#crossFadeAt + i + 0.5) / length;
      const invented = this.#crossFade[i] ?? 0;
      samples[from + i] = invented + share * ((samples[from + i] ?? 0) - invented);
    }
    this.#crossFadeAt += count;
    if (this.#crossFadeAt === length) this.#isInventing = false;
    return from + count;
  }

  #begin(): void {
    this.#cycle.cut(this.#history);
    this.#age = 0;
    this.#noise.level = Math.min(this.#background.level, LOUDEST_NOISE);
  }

  #invent(out: Float32Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const noise = this.#takeNoise();
      const past = this.#mix(this.#cycle, this.#age, noise);
      if (this.#age < this.#fadeLength) this.#age += 1;
      if (this.#ahead === 0) {
        out[at] = past;
        continue;
      }
      this.#ahead -= 1;
      const share = 1 - (this.#ahead + 0.5) / this.#gapLength;
      out[at] = past + share * (this.#mix(this.#sequelCycle, this.#ahead, noise) - past);
      // It flows into the sequel by itself.
      if (this.#ahead === 0) this.#isInventing = false;
    }
  }

  /** Sound as far as it is young, noise as far as it is old. */
  #mix(cycle: PitchCycle, age: number, noise: number): number {
    if (age < this.#holdLength) return cycle.at(age);
    if (age >= this.#fadeLength) return noise;
    const gain = (this.#fadeLength - age) / (this.#fadeLength - this.#holdLength);
    return gain * cycle.at(age) + (1 - gain) * noise;
  }

  #takeNoise(): number {
    if (this.#noiseAt === this.#noiseBlock.length) {
      this.#noise.fill(this.#noiseBlock);
      this.#noiseAt = 0;
    }
    return this.#noiseBlock[this.#noiseAt++] ?? 0;
  }
}
