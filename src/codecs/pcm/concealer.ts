import { BackgroundLevel, sumSquares } from "./background-level.ts";
import { ComfortNoise } from "./comfort-noise.ts";
import { PitchFinder } from "./pitch.ts";

const HISTORY_MS = 60;
/** The last sound is repeated at full strength at first, then it fades; what has no pitch fades sooner. */
const HOLD_MS = 10;
const FADE_END_MS = 60;
const UNVOICED_FADE_END_MS = 40;
const VOICED_LIKENESS = 0.5;
/** At least so much is repeated at a time: a single short period sounds like a buzzer. */
const SHORTEST_CYCLE_MS = 12;
/** How much more power than its last period a cycle may have. */
const DYING_AWAY = 1.5;
const CROSS_FADE_MS = 10;
/** Leaving out more must make it so much more alike. */
const ALIGN_GAIN = 0.02;
const JOINT_MS = 2.5;
const NOISE_BLOCK_MS = 10;
/** Loud "background" is music or a hum, which nobody wants as noise: -46 dBFS. */
const LOUDEST_NOISE = 0.005;

/**
 * Invents sound where there is none: pitch periods repeated as in ITU-T G.711 Appendix I, fading within 60 ms into
 * noise at the level of the background, so that the line never sounds dead.
 */
export class Concealer {
  readonly #history: Float32Array;
  readonly #cycle: Float32Array;
  readonly #crossFade: Float32Array;
  readonly #noiseBlock: Float32Array;
  readonly #noise: ComfortNoise;
  readonly #background: BackgroundLevel;
  readonly #pitch: PitchFinder;
  readonly #holdLength: number;
  readonly #jointLength: number;
  readonly #shortestCycle: number;
  #noiseAt: number;
  #cycleLength = 0;
  #cycleAt = 0;
  /** The step between the last true sample and the cycle's begin; it is let out within a joint. */
  #step = 0;
  /** Samples since the invention began, counted as long as the fade lasts. */
  #age = 0;
  #fadeLength = 0;
  #isInventing = false;
  #crossFadeAt: number;
  #concealedSampleCount = 0;

  constructor(
    private readonly sampleRate: number,
    seed: number,
  ) {
    this.#history = new Float32Array(this.#count(HISTORY_MS));
    this.#cycle = new Float32Array(this.#history.length);
    this.#crossFade = new Float32Array(this.#count(CROSS_FADE_MS));
    this.#crossFadeAt = this.#crossFade.length;
    this.#noiseBlock = new Float32Array(this.#count(NOISE_BLOCK_MS));
    this.#noiseAt = this.#noiseBlock.length;
    this.#noise = new ComfortNoise(seed);
    this.#background = new BackgroundLevel(sampleRate);
    this.#pitch = new PitchFinder(sampleRate);
    this.#holdLength = this.#count(HOLD_MS);
    this.#jointLength = this.#count(JOINT_MS);
    this.#shortestCycle = this.#count(SHORTEST_CYCLE_MS);
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
    const window = this.#crossFade.length;
    let best = 0;
    let bestLikeness = VOICED_LIKENESS;
    for (let skip = 0; skip < this.#cycleLength && skip + window <= length; skip++) {
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
      const x = this.#cycle[(this.#cycleAt + i) % this.#cycleLength] ?? 0;
      const y = samples[from + i] ?? 0;
      product += x * y;
      energyA += x * x;
      energyB += y * y;
    }
    return product / Math.sqrt(energyA * energyB + Number.MIN_VALUE);
  }

  #count(ms: number): number {
    return Math.round((this.sampleRate * ms) / 1000);
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

  /** Cuts a cycle of whole pitch periods from the end of the history and makes its end flow into its beginning. */
  #begin(): void {
    const history = this.#history;
    const end = history.length;
    this.#pitch.searchBackward(history, end);
    const isVoiced = this.#pitch.likeness >= VOICED_LIKENESS;
    const length = this.#chooseCycle(isVoiced ? this.#pitch.lag : this.#shortestCycle);
    for (let i = 0; i < length; i++) this.#cycle[i] = history[end - length + i] ?? 0;
    const joint = this.#jointLength;
    for (let i = 0; i < joint; i++) {
      const share = (i + 0.5) / joint;
      const at = length - joint + i;
      const before = history[end - length - joint + i] ?? 0;
      this.#cycle[at] = (this.#cycle[at] ?? 0) * (1 - share) + before * share;
    }
    this.#step = (history[end - 1] ?? 0) - (history[end - length - 1] ?? 0);
    this.#cycleLength = length;
    this.#cycleAt = 0;
    this.#age = 0;
    this.#fadeLength = this.#count(isVoiced ? FADE_END_MS : UNVOICED_FADE_END_MS);
    this.#noise.level = Math.min(this.#background.level, LOUDEST_NOISE);
  }

  /** Whole periods, but only one of a sound that dies away: the ones before were louder. */
  #chooseCycle(period: number): number {
    const end = this.#history.length;
    const length = period * Math.ceil(this.#shortestCycle / period);
    const lastPower = sumSquares(this.#history, end - period, end) / period;
    const power = sumSquares(this.#history, end - length, end) / length;
    return power > lastPower * DYING_AWAY ? period : length;
  }

  #invent(out: Float32Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const noise = this.#takeNoise();
      if (this.#age >= this.#fadeLength) {
        out[at] = noise;
        continue;
      }
      const fade = this.#fadeLength - this.#holdLength;
      const gain = Math.min(1, (this.#fadeLength - this.#age) / fade);
      const rest = Math.max(0, 1 - this.#age / this.#jointLength) * this.#step;
      out[at] = gain * ((this.#cycle[this.#cycleAt] ?? 0) + rest) + (1 - gain) * noise;
      this.#age += 1;
      this.#cycleAt = this.#cycleAt + 1 === this.#cycleLength ? 0 : this.#cycleAt + 1;
    }
  }

  #takeNoise(): number {
    if (this.#noiseAt === this.#noiseBlock.length) {
      this.#noise.fill(this.#noiseBlock);
      this.#noiseAt = 0;
    }
    return this.#noiseBlock[this.#noiseAt++] ?? 0;
  }
}
