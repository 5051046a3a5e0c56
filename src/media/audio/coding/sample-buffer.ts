/** Samples that are used again and again, in a view of just the length wanted: only a new length makes a new view. */
export class SampleBuffer {
  #samples = new Float32Array(0);
  #view = this.#samples;

  /** Holds whatever was in it before; valid until the next call. */
  take(sampleCount: number): Float32Array {
    if (this.#view.length === sampleCount) return this.#view;
    if (this.#samples.length < sampleCount) this.#samples = new Float32Array(sampleCount);
    this.#view = this.#samples.subarray(0, sampleCount);
    return this.#view;
  }
}
