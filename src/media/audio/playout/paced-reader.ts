import type { Concealer } from "../../../codecs/pcm/concealer.ts";
import { type StretchTerms, TimeStretch } from "../../../codecs/pcm/time-stretch.ts";
import type { SampleRing } from "./sample-ring.ts";

/** Within so much above or below the target nothing is changed. */
const MOST_ABOVE_MS = 15;
/** In a pause less is enough: there it costs nothing. */
const MOST_ABOVE_IN_PAUSE_MS = 11;
const MOST_BELOW_MS = 8;
/** A change may go beyond the target by so much, or a deep voice's period would not fit. */
const OVERSHOOT_ABOVE_MS = 10;
const OVERSHOOT_BELOW_MS = 4;
/** Between changes: the further away, the shorter: this divided by the ms that are too many. */
const PACE_MS2 = 4000;
const SHORTEST_PAUSE_MS = 35;
/** Too little waiting is a risk, too much a nuisance: lengthening may take its time and is choosier. */
const SHORTEST_PAUSE_LENGTHENING_MS = 100;
const LENGTHENING_LIKENESS = 0.6;
const LONGEST_PAUSE_MS = 200;
const RETRY_MS = 20;
/** Near the target only what is very much alike is joined; further away it need not be so much alike. */
const STRICTEST_LIKENESS = 0.9;
const LAXEST_LIKENESS = 0.1;
const UNREACHABLE_LIKENESS = 2;
const LAXEST_AT_MS = 120;
/** From here on several pitch periods go at a time. */
const LONG_CUTS_FROM_MS = 60;
/** What is softer is steady: twice the background, or -54 dBFS. */
const STEADY_TO_BACKGROUND = 2;
const LEAST_STEADY_LEVEL = 0.002;

/** Reads samples out of a ring, a bit faster or slower than they come where it is told that too many or too few wait. */
export class PacedReader {
  readonly #stretch: TimeStretch;
  readonly #ahead: Float32Array;
  readonly #terms: StretchTerms = { steadyLevel: 0, leastLikeness: 1, choice: "likest" };
  /** What the last change made of its samples is read first. */
  #stagedAt = 0;
  #stagedEnd = 0;
  #sinceChange = 0;
  #pause = 0;
  #shortenedCount = 0;
  #lengthenedCount = 0;

  constructor(
    private readonly ring: SampleRing,
    private readonly samplesPerMs: number,
  ) {
    this.#stretch = new TimeStretch(samplesPerMs * 1000);
    this.#ahead = new Float32Array(this.#stretch.lookahead);
  }

  /** Samples that were changed and not read yet. */
  get stagedCount(): number {
    return this.#stagedEnd - this.#stagedAt;
  }

  get shortenedCount(): number {
    return this.#shortenedCount;
  }

  get lengthenedCount(): number {
    return this.#lengthenedCount;
  }

  /** Makes one change if it is due: `excessMs` are too many (or too few, below 0). */
  adjust(excessMs: number, backgroundLevel: number): void {
    if (excessMs < MOST_ABOVE_IN_PAUSE_MS && excessMs > -MOST_BELOW_MS) return;
    if (this.stagedCount > 0 || this.#sinceChange < this.#pause) return;
    const count = Math.min(this.ring.lengthToJoint, this.#ahead.length);
    this.ring.peek(this.#ahead, 0, count);
    this.#terms.steadyLevel = Math.max(LEAST_STEADY_LEVEL, backgroundLevel * STEADY_TO_BACKGROUND);
    const distanceMs = Math.abs(excessMs);
    const isMinor = excessMs > 0 && excessMs < MOST_ABOVE_MS;
    const likeness = isMinor ? UNREACHABLE_LIKENESS : chooseLikeness(distanceMs);
    this.#terms.leastLikeness = excessMs > 0 ? likeness : Math.max(LENGTHENING_LIKENESS, likeness);
    this.#terms.choice = excessMs >= LONG_CUTS_FROM_MS ? "longest" : "likest";
    const overshootMs = excessMs > 0 ? OVERSHOOT_BELOW_MS : OVERSHOOT_ABOVE_MS;
    const most = Math.floor((distanceMs + overshootMs) * this.samplesPerMs);
    const isChanged =
      excessMs > 0
        ? this.#stretch.shorten(this.#ahead, count, most, this.#terms)
        : this.#stretch.lengthen(this.#ahead, count, most, this.#terms);
    this.#sinceChange = 0;
    this.#pause = (isChanged || isMinor ? choosePauseMs(excessMs) : RETRY_MS) * this.samplesPerMs;
    if (isChanged) this.#stage();
  }

  /** Reads up to the next joint, at most to `out[end]`; how many samples it were. */
  read(out: Float32Array, at: number, end: number): number {
    const staged = Math.min(this.stagedCount, end - at);
    for (let i = 0; i < staged; i++) out[at + i] = this.#stretch.output[this.#stagedAt + i] ?? 0;
    this.#stagedAt += staged;
    const fresh = Math.min(end - at - staged, this.ring.lengthToJoint);
    this.ring.peek(out, at + staged, fresh);
    this.ring.advance(fresh);
    this.#sinceChange += staged + fresh;
    return staged + fresh;
  }

  /** Leaves out as little as makes what comes next meet invented sound in phase. */
  alignWith(concealer: Concealer): void {
    if (this.stagedCount > 0) return;
    const count = Math.min(this.ring.lengthToJoint, this.#ahead.length);
    this.ring.peek(this.#ahead, 0, count);
    const tooMany = concealer.align(this.#ahead, count);
    this.ring.advance(tooMany);
    this.#shortenedCount += tooMany;
  }

  /** Has the next `gapLength` samples, which are invented, lead up to what comes after them. */
  leadUp(concealer: Concealer, gapLength: number): void {
    const count = Math.min(this.ring.lengthToJoint, this.#ahead.length);
    this.ring.peek(this.#ahead, 0, count);
    concealer.leadTo(this.#ahead, count, gapLength);
  }

  #stage(): void {
    const { inputLength, outputLength } = this.#stretch;
    this.ring.advance(inputLength);
    this.#stagedAt = 0;
    this.#stagedEnd = outputLength;
    if (outputLength < inputLength) this.#shortenedCount += inputLength - outputLength;
    else this.#lengthenedCount += outputLength - inputLength;
  }
}

function chooseLikeness(distanceMs: number): number {
  return Math.max(LAXEST_LIKENESS, STRICTEST_LIKENESS * (1 - distanceMs / LAXEST_AT_MS));
}

function choosePauseMs(excessMs: number): number {
  const shortest = excessMs > 0 ? SHORTEST_PAUSE_MS : SHORTEST_PAUSE_LENGTHENING_MS;
  return Math.max(shortest, Math.min(LONGEST_PAUSE_MS, PACE_MS2 / Math.abs(excessMs)));
}
