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

/** The energy of `samples[from..to)`, which is within them. Four sums, so that no addition waits for the one before. */
export function sumSquares(samples: Float32Array, from: number, to: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (const end = to - 3; i < end; i += 4) {
    const a = samples[i] as number;
    const b = samples[i + 1] as number;
    const c = samples[i + 2] as number;
    const d = samples[i + 3] as number;
    sum0 += a * a;
    sum1 += b * b;
    sum2 += c * c;
    sum3 += d * d;
  }
  for (; i < to; i++) {
    const sample = samples[i] as number;
    sum0 += sample * sample;
  }
  return sum0 + sum1 + (sum2 + sum3);
}
