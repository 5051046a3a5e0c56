const MAX_JOINTS = 16;

/**
 * Samples that wait to be played, at least `minCapacity` of them, in one line; joints mark where a sample does not
 * continue the one before it. A full ring drops its oldest samples.
 */
export class SampleRing {
  readonly #samples: Float32Array;
  readonly #mask: number;
  /** Counted since the beginning; the place in the ring is the count under the mask. */
  #readAt = 0;
  #writeAt = 0;
  readonly #jointAt = new Float64Array(MAX_JOINTS);
  readonly #jointGapMs = new Float64Array(MAX_JOINTS);
  #jointCount = 0;
  #gapMs = 0;
  /** The sample to be read next does not continue the last one read. */
  #isTorn = false;

  constructor(minCapacity: number) {
    const capacity = 2 ** Math.ceil(Math.log2(minCapacity));
    this.#samples = new Float32Array(capacity);
    this.#mask = capacity - 1;
  }

  get length(): number {
    return this.#writeAt - this.#readAt;
  }

  /** Media time that is missing at the joints. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** How many samples can be read before the next joint. */
  get lengthToJoint(): number {
    if (this.#isTorn) return 0;
    return (this.#jointCount > 0 ? (this.#jointAt[0] ?? 0) : this.#writeAt) - this.#readAt;
  }

  /** The samples continue those before. Returns how many old ones had to go. */
  write(samples: Float32Array): number {
    const count = Math.min(samples.length, this.#samples.length);
    const begin = samples.length - count;
    const dropped = begin + this.skip(Math.max(0, this.length + count - this.#samples.length));
    if (begin > 0) this.#isTorn = true;
    for (let i = 0; i < count; i++) {
      this.#samples[(this.#writeAt + i) & this.#mask] = samples[begin + i] ?? 0;
    }
    this.#writeAt += count;
    return dropped;
  }

  /** What is written next does not continue what was written last: `gapMs` of media time are missing. */
  markJoint(gapMs: number): void {
    if (this.#jointCount === MAX_JOINTS) return;
    this.#jointAt[this.#jointCount] = this.#writeAt;
    this.#jointGapMs[this.#jointCount] = gapMs;
    this.#jointCount += 1;
    this.#gapMs += gapMs;
  }

  /** From here on the media time is another: joints stay, but nothing is missing at them. */
  forgetGaps(): void {
    this.#jointGapMs.fill(0);
    this.#gapMs = 0;
  }

  /** Passes the joint that the next sample stands at; the media time missing there in ms, or undefined where all is whole. */
  passJoint(): number | undefined {
    const wasTorn = this.#isTorn;
    this.#isTorn = false;
    let gapMs = wasTorn ? 0 : undefined;
    while (this.#jointCount > 0 && this.#jointAt[0] === this.#readAt)
      gapMs = (gapMs ?? 0) + this.#shiftJoint();
    return gapMs;
  }

  /** Copies the next `count` samples, which must be there, and leaves them. */
  peek(out: Float32Array, at: number, count: number): void {
    for (let i = 0; i < count; i++) out[at + i] = this.#samples[(this.#readAt + i) & this.#mask] ?? 0;
  }

  /** Goes past `count` samples that were used. */
  advance(count: number): void {
    this.#readAt += count;
  }

  /** Drops `count` samples and the joints among them. */
  skip(count: number): number {
    if (count === 0) return 0;
    this.#readAt += count;
    this.#isTorn = true;
    while (this.#jointCount > 0 && (this.#jointAt[0] ?? 0) < this.#readAt) this.#shiftJoint();
    return count;
  }

  #shiftJoint(): number {
    const gapMs = this.#jointGapMs[0] ?? 0;
    this.#jointAt.copyWithin(0, 1);
    this.#jointGapMs.copyWithin(0, 1);
    this.#jointCount -= 1;
    this.#gapMs = this.#jointCount === 0 ? 0 : this.#gapMs - gapMs;
    return gapMs;
  }
}
