import { sumSquares } from "./background-level.ts";
import { PitchFinder, type PitchTerms } from "./pitch.ts";

const VOICED_LIKENESS = 0.5;
/** At least so much is repeated at a time: a single short period sounds like a buzzer. */
const SHORTEST_CYCLE_MS = 10;
/** Of what has no pitch more, or hissing would hum. */
const UNVOICED_CYCLE_MS = 16;
/** How much more power than its last period a cycle may have. */
const DYING_AWAY = 1.5;
const JOINT_MS = 2.5;

/** Whole pitch periods from the end of a sound, which go round without a click: as in ITU-T G.711 Appendix I. */
export class PitchCycle {
  readonly #samples: Float32Array;
  readonly #pitch: PitchFinder;
  readonly #jointLength: number;
  readonly #shortestLength: number;
  readonly #unvoicedLength: number;
  #length = 1;
  #isVoiced = false;
  /** The step between the last true sample and the cycle's begin; it is let out within a joint. */
  #step = 0;

  /** Cut from `historyLength` samples, which is a window and the longest lag at least. */
  constructor(
    sampleRate: number,
    readonly historyLength: number,
    terms?: PitchTerms,
  ) {
    this.#samples = new Float32Array(historyLength);
    this.#pitch = new PitchFinder(sampleRate, terms);
    this.#jointLength = Math.round((sampleRate * JOINT_MS) / 1000);
    this.#shortestLength = Math.round((sampleRate * SHORTEST_CYCLE_MS) / 1000);
    this.#unvoicedLength = Math.round((sampleRate * UNVOICED_CYCLE_MS) / 1000);
  }

  get length(): number {
    return this.#length;
  }

  /** Whether the sound repeated itself; else the cycle is just its end. */
  get isVoiced(): boolean {
    return this.#isVoiced;
  }

  /** The sample that comes `age` samples after the end of the sound. */
  at(age: number): number {
    const sample = this.#samples[age % this.#length] ?? 0;
    return age < this.#jointLength ? sample + (1 - age / this.#jointLength) * this.#step : sample;
  }

  /** Cuts anew from the end of `history`, `historyLength` samples. */
  cut(history: Float32Array): void {
    const end = history.length;
    this.#pitch.searchBackward(history, end);
    this.#isVoiced = this.#pitch.likeness >= VOICED_LIKENESS;
    const length = this.#chooseLength(history, this.#isVoiced ? this.#pitch.lag : this.#unvoicedLength);
    const joint = this.#jointLength;
    for (let i = 0; i < length; i++) this.#samples[i] = history[end - length + i] ?? 0;
    for (let i = 0; i < joint; i++) {
      const share = (i + 0.5) / joint;
      const at = length - joint + i;
      const before = history[end - length - joint + i] ?? 0;
      this.#samples[at] = (this.#samples[at] ?? 0) * (1 - share) + before * share;
    }
    this.#step = (history[end - 1] ?? 0) - (history[end - length - 1] ?? 0);
    this.#length = length;
  }

  /** Whole periods, as many as fit, but only one of a sound that dies away: the ones before were louder. */
  #chooseLength(history: Float32Array, period: number): number {
    const end = history.length;
    const most = Math.max(1, Math.floor((end - this.#jointLength - 1) / period));
    const length = period * Math.min(most, Math.ceil(this.#shortestLength / period));
    const lastPower = sumSquares(history, end - period, end) / period;
    const power = sumSquares(history, end - length, end) / length;
    return power > lastPower * DYING_AWAY ? period : length;
  }
}
