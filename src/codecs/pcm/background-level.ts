const BLOCK_MS = 10;
/** Shares of the difference that the floor follows at once when it falls, and grows by per block (1.5 dB/s). */
const FALL = 0.25;
const RISE = 1.0035;
/** -90 dBFS: what lies below is digital silence. */
const SMALLEST_POWER = 1e-9;

/** Follows the level of the background: the power of the quietest blocks, forgotten slowly, as NetEQ's BackgroundNoise does. */
export class BackgroundLevel {
  readonly #blockLength: number;
  #sum = 0;
  #count = 0;
  #floorPower = -1;

  constructor(sampleRate: number) {
    this.#blockLength = Math.round((sampleRate * BLOCK_MS) / 1000);
  }

  /** RMS, full scale 1.0; 0 for digital silence, or when nothing was heard yet. */
  get level(): number {
    return this.#floorPower <= SMALLEST_POWER ? 0 : Math.sqrt(this.#floorPower);
  }

  /** Takes `samples[from..to)`, any count. */
  observe(samples: Float32Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const end = Math.min(to, at + this.#blockLength - this.#count);
      this.#sum += sumSquares(samples, at, end);
      this.#count += end - at;
      at = end;
      if (this.#count === this.#blockLength) this.#closeBlock();
    }
  }

  #closeBlock(): void {
    const power = this.#sum / this.#blockLength;
    this.#sum = 0;
    this.#count = 0;
    if (!Number.isFinite(power)) return;
    const floor = this.#floorPower;
    if (floor < 0) this.#floorPower = power;
    else if (power < floor) this.#floorPower += (power - floor) * FALL;
    else this.#floorPower = Math.min(power, Math.max(floor, SMALLEST_POWER) * RISE);
  }
}

/** The energy of `samples[from..to)`. */
export function sumSquares(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const sample = samples[i] ?? 0;
    sum += sample * sample;
  }
  return sum;
}
