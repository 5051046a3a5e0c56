/** Of one channel: the decoder's input buffer, ISO/IEC 14496-3 4.5.3.2. */
const MOST_BITS = 6144;
/** Frames of mean length that may be saved up by easy sound for difficult one. */
const RESERVOIR_FRAMES = 2;
/** Share of the reservoir's distance from half full by which a frame is longer or shorter. */
const FEEDBACK = 0.2;
/** What a frame with an attack, or of short windows, may take beyond the mean. */
const HARD_SHARE = 0.7;
/** How far from its target a frame may end. */
const TOLERANCE = 0.04;
/** Noise 15 dB below what rounding to 16 bits makes: nothing is coded finer. */
const FINEST = 112;
const COARSEST = 255;
const MOST_TRIALS = 8;
/** One scale factor is 3/16 of a bit for each line that is not 0, a little more with those that become it. */
const BITS_PER_LINE = 0.2;

/** What the rate control tries scale factors on. */
export type Trial = {
  /** Codes the frame with this scale factor; returns its bits, whole bytes. */
  code(scaleFactor: number): number;
  /** Lines of the last trial that are not 0. */
  readonly codedLineCount: number;
};

/**
 * Holds the mean rate: saves in a small reservoir what frames leave over, and finds each frame's scale factor. Silence is
 * not padded: it stays far below the rate.
 */
export class RateControl {
  readonly #mean: number;
  readonly #reservoirSize: number;
  #saved: number;
  /** The last frame's scale factor below its level. */
  #distance = 60;
  /** Of the last trial. */
  #scaleFactor = FINEST;

  constructor(bitsPerFrame: number) {
    this.#mean = bitsPerFrame;
    this.#reservoirSize = Math.min(RESERVOIR_FRAMES * bitsPerFrame, MOST_BITS - bitsPerFrame);
    this.#saved = this.#reservoirSize / 2;
  }

  /**
   * Codes a frame of `level` (on the scale of scale factors) until it has the right length; the last trial is the one that
   * holds. Returns its scale factor, `smallest` at least.
   */
  fit(trial: Trial, level: number, smallest: number, isHard: boolean): number {
    const most = Math.min(MOST_BITS, this.#mean + this.#saved);
    const wish = this.#mean + FEEDBACK * (this.#saved - this.#reservoirSize / 2);
    const target = Math.min(most, wish + (isHard ? HARD_SHARE * this.#mean : 0));
    const finest = Math.max(FINEST, smallest);
    const bits = this.#search(trial, target, most, finest, Math.round(level - this.#distance));
    this.#saved = Math.min(this.#reservoirSize, this.#saved + this.#mean - bits);
    if (this.#scaleFactor > finest) this.#distance = level - this.#scaleFactor;
    return this.#scaleFactor;
  }

  #search(trial: Trial, target: number, most: number, finest: number, guess: number): number {
    let tooFine = finest - 1;
    let tooCoarse = COARSEST + 1;
    let scaleFactor = clamp(guess, finest, COARSEST);
    for (let trials = 1; ; trials++) {
      const bits = trial.code(scaleFactor);
      this.#scaleFactor = scaleFactor;
      if (bits > target) tooFine = scaleFactor;
      else tooCoarse = scaleFactor;
      const isNear = Math.abs(bits - target) < TOLERANCE * target || trials >= MOST_TRIALS;
      if ((isNear || tooCoarse - tooFine <= 1) && (bits <= most || scaleFactor === COARSEST)) return bits;
      const step = (bits - target) / (BITS_PER_LINE * trial.codedLineCount + 4);
      const next = scaleFactor + (step > 0 ? Math.ceil(step) : Math.floor(step));
      scaleFactor = clamp(next, tooFine + 1, Math.max(tooCoarse - 1, tooFine + 1));
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
