/** Perceptual noise substitution, ISO/IEC 14496-3 4.6.13: a linear congruential generator (Numerical Recipes' factors). */
export class NoiseSource {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Noise of the energy gain² into the lines `from` to `to`. */
  fill(spectrum: Float64Array, from: number, to: number, gain: number): void {
    let state = this.#state;
    let energy = 0;
    for (let i = from; i < to; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      spectrum[i] = state;
      energy += state * state;
    }
    this.#state = state;
    const scale = gain / Math.sqrt(energy);
    for (let i = from; i < to; i++) spectrum[i] = (spectrum[i] ?? 0) * scale;
  }
}
