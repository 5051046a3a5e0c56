import type { Tone } from "./tone-plans.ts";

/** RMS of each tone: -10 dBm0, which is 13.14 dB below a full-scale sine (+3.14 dBm0 in A-law, ITU-T G.711 table 5). */
const RMS = 10 ** (-13.14 / 20) / Math.SQRT2;
/** A burst rises and falls on half a cosine, so that it does not click. */
const EDGE_MS = 5;

/** Sounds a tone again and again, from the beginning of its cadence. */
export class ToneGenerator {
  readonly #segments: readonly number[];
  readonly #edge: Float64Array;
  readonly #amplitudes: Float64Array;
  /** In turns. */
  readonly #steps: Float64Array;
  readonly #phases: Float64Array;
  #segment = 0;
  /** Samples since the segment's beginning. */
  #at = 0;

  constructor({ sines, cadenceMs }: Tone, sampleRate: number) {
    this.#segments = cadenceMs.map((durationMs) => Math.round((durationMs * sampleRate) / 1000));
    const edgeCount = Math.round((EDGE_MS * sampleRate) / 1000);
    this.#edge = Float64Array.from(
      { length: edgeCount },
      (_, n) => 0.5 - 0.5 * Math.cos((Math.PI * (n + 0.5)) / edgeCount),
    );
    const power = sines.reduce((sum, { share }) => sum + (share * share) / 2, 0);
    this.#amplitudes = Float64Array.from(sines, ({ share }) => (share * RMS) / Math.sqrt(power));
    this.#steps = Float64Array.from(sines, ({ hz }) => hz / sampleRate);
    this.#phases = new Float64Array(sines.length);
  }

  /** Goes on where the last call ended. */
  fill(out: Float32Array): void {
    out.fill(0);
    for (let done = 0; done < out.length; ) {
      const length = this.#segments[this.#segment] ?? Number.POSITIVE_INFINITY;
      const end = Math.min(out.length, done + length - this.#at);
      if (this.#segment % 2 === 0) {
        this.#addSines(out, done, end);
        this.#shapeEdges(out, done, end, length);
      }
      this.#at += end - done;
      if (this.#at === length) {
        this.#at = 0;
        this.#segment = (this.#segment + 1) % this.#segments.length;
      }
      done = end;
    }
  }

  #addSines(out: Float32Array, from: number, end: number): void {
    for (let i = 0; i < this.#steps.length; i++) {
      const amplitude = this.#amplitudes[i] ?? 0;
      const step = this.#steps[i] ?? 0;
      let phase = this.#phases[i] ?? 0;
      for (let n = from; n < end; n++) {
        out[n] = (out[n] ?? 0) + amplitude * Math.sin(2 * Math.PI * phase);
        phase += step;
        if (phase >= 1) phase -= 1;
      }
      this.#phases[i] = phase;
    }
  }

  #shapeEdges(out: Float32Array, from: number, end: number, length: number): void {
    const edge = this.#edge;
    for (let n = from, at = this.#at; n < end; n++, at++) {
      const gain = edge[Math.min(at, length - 1 - at)];
      if (gain !== undefined) out[n] = (out[n] ?? 0) * gain;
    }
  }
}
