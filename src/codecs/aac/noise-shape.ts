import type { Reals } from "./fft.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { MAX_BANDS } from "./window-info.ts";

/** Noise follows a band's energy to this power: 0 is the least noise in all, 1 the same distance everywhere. */
const SHAPE = 0.3;
/** A scale factor is 1.5 dB of amplitude, so a doubled energy is 2 of them. */
const SCALE_FACTORS_PER_OCTAVE = 2;
/** Scale factors below the loudest band's, at most. */
const DEEPEST = 24;
/** Energy of a line below which nothing is heard: log2 of what 16-bit sound's rounding leaves in each line. */
const QUIETEST_LEVEL = 7;

/** Decides how much noise each band may have beside the others. Indices are within the arrays, hence `as number`. */
export class NoiseShape {
  /** Of each band: what its scale factor is below the frame's, 0 or less. */
  readonly offsets = new Int32Array(MAX_BANDS);
  deepest = 0;
  /** How loud the frame is in scale factors, against noise of this shape; a mean over the lines. */
  level = 0;
  readonly #levels = new Float64Array(MAX_BANDS);

  measure(layout: FrameLayout, spectrum: Reals): void {
    let loudest = QUIETEST_LEVEL;
    for (let band = 0; band < layout.bandCount; band++) {
      const from = layout.offsets[band] as number;
      const to = layout.offsets[band + 1] as number;
      let energy = 0;
      for (let line = from; line < to; line++) energy += (spectrum[line] as number) ** 2;
      const level = Math.max(QUIETEST_LEVEL, Math.log2(energy / (to - from)));
      this.#levels[band] = level;
      if (level > loudest) loudest = level;
    }
    this.#derive(layout, loudest);
  }

  #derive(layout: FrameLayout, loudest: number): void {
    let sum = 0;
    this.deepest = 0;
    for (let band = 0; band < layout.bandCount; band++) {
      const level = this.#levels[band] as number;
      const below = Math.round(SHAPE * SCALE_FACTORS_PER_OCTAVE * (level - loudest));
      const offset = Math.max(-DEEPEST, below);
      this.offsets[band] = offset;
      if (offset < this.deepest) this.deepest = offset;
      const width = (layout.offsets[band + 1] as number) - (layout.offsets[band] as number);
      sum += width * (SCALE_FACTORS_PER_OCTAVE * level - offset);
    }
    this.level = sum / layout.lineCount;
  }
}
