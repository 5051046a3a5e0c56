const BUCKET_MS = 1000;
const BUCKET_COUNT = 32;
/** Over less time a slope says nothing. */
const SHORTEST_SPAN_MS = 5000;
/** Clocks that differ more are broken: 1 %. */
const STEEPEST = 0.01;
/** Where the quickest frames are further from the line on average, the network changes and says nothing of clocks. */
const STRAIGHT_MS = 8;
/** How much of the way to the newly measured slope is made each second. */
const SLOPE_GAIN = 0.3;

/**
 * The line of the fastest transit: how much later than its media time a frame arrives if nothing delays it. Clocks
 * that differ make the line slope; the slope is that of the lower convex hull over the quickest frames of each second
 * (Moon, Skelly, Towsley: Estimation and removal of clock skew from network delay measurements, 1999).
 */
export class ArrivalLine {
  readonly #timesMs = new Float64Array(BUCKET_COUNT);
  readonly #offsetsMs = new Float64Array(BUCKET_COUNT);
  #count = 0;
  readonly #hull = new Int32Array(BUCKET_COUNT);
  #bucketEndMs = 0;
  #quickestAtMs = 0;
  #quickestMs = Number.POSITIVE_INFINITY;
  #anchorAtMs = 0;
  #anchorMs = Number.POSITIVE_INFINITY;
  #slope = 0;

  /** By how much the publisher's clock is faster than ours, parts per million. */
  get driftPpm(): number {
    return -this.#slope * 1e6;
  }

  /** Whether a frame was seen since the last reset. */
  get isDrawn(): boolean {
    return this.#anchorMs !== Number.POSITIVE_INFINITY;
  }

  /** Another media time begins. */
  reset(): void {
    this.#count = 0;
    this.#quickestMs = Number.POSITIVE_INFINITY;
    this.#anchorMs = Number.POSITIVE_INFINITY;
    this.#slope = 0;
  }

  /** Arrival less media time on the line. */
  offsetAtMs(nowMs: number): number {
    return this.#anchorMs + this.#slope * (nowMs - this.#anchorAtMs);
  }

  /** Takes note of a frame; by how much it came later than the line says, at least 0. */
  observe(mediaMs: number, nowMs: number): number {
    const offsetMs = nowMs - mediaMs;
    if (!this.isDrawn) {
      this.#anchorAtMs = nowMs;
      this.#anchorMs = offsetMs;
      this.#bucketEndMs = nowMs + BUCKET_MS;
    }
    if (offsetMs < this.#quickestMs) {
      this.#quickestMs = offsetMs;
      this.#quickestAtMs = nowMs;
    }
    const lateMs = offsetMs - this.offsetAtMs(nowMs);
    if (lateMs < 0) this.#anchorMs += lateMs;
    return Math.max(0, lateMs);
  }

  /** Draws the line anew where a second is over; by how much it rose, because what was the fastest is long ago. */
  renew(nowMs: number): number {
    if (nowMs < this.#bucketEndMs || this.#quickestMs === Number.POSITIVE_INFINITY) return 0;
    this.#bucketEndMs = nowMs + BUCKET_MS;
    this.#keep(this.#quickestAtMs, this.#quickestMs);
    this.#quickestMs = Number.POSITIVE_INFINITY;
    const beforeMs = this.offsetAtMs(nowMs);
    this.#fit();
    return Math.max(0, this.offsetAtMs(nowMs) - beforeMs);
  }

  #keep(atMs: number, offsetMs: number): void {
    let gone = this.#count === BUCKET_COUNT ? 1 : 0;
    while (gone < this.#count && (this.#timesMs[gone] ?? 0) < atMs - BUCKET_COUNT * BUCKET_MS) gone += 1;
    this.#timesMs.copyWithin(0, gone);
    this.#offsetsMs.copyWithin(0, gone);
    this.#count += 1 - gone;
    this.#timesMs[this.#count - 1] = atMs;
    this.#offsetsMs[this.#count - 1] = offsetMs;
  }

  #fit(): void {
    const spanMs = (this.#timesMs[this.#count - 1] ?? 0) - (this.#timesMs[0] ?? 0);
    if (spanMs >= SHORTEST_SPAN_MS) {
      const before = this.#slope;
      this.#slope = Math.max(-STEEPEST, Math.min(STEEPEST, this.#measureSlope()));
      const gain = this.#layUnder() <= STRAIGHT_MS ? SLOPE_GAIN : 0;
      this.#slope = before + (this.#slope - before) * gain;
    }
    this.#layUnder();
  }

  /** Moves the line up or down until it touches the quickest frames from below; how far it is from them on average. */
  #layUnder(): number {
    this.#anchorAtMs = this.#timesMs[this.#count - 1] ?? 0;
    let sumMs = 0;
    let lowestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#count; i++) {
      const atAnchorMs =
        (this.#offsetsMs[i] ?? 0) + this.#slope * (this.#anchorAtMs - (this.#timesMs[i] ?? 0));
      sumMs += atAnchorMs;
      lowestMs = Math.min(lowestMs, atAnchorMs);
    }
    this.#anchorMs = lowestMs;
    return sumMs / this.#count - lowestMs;
  }

  /** Of the lower hull's edge over the middle of the time seen. */
  #measureSlope(): number {
    const hull = this.#hull;
    let size = 0;
    for (let i = 0; i < this.#count; i++) {
      while (
        size >= 2 &&
        this.#slopeOf(hull[size - 2] ?? 0, i) <= this.#slopeOf(hull[size - 2] ?? 0, hull[size - 1] ?? 0)
      )
        size -= 1;
      hull[size++] = i;
    }
    const middleMs = ((this.#timesMs[0] ?? 0) + (this.#timesMs[this.#count - 1] ?? 0)) / 2;
    let edge = 1;
    while (edge < size - 1 && (this.#timesMs[hull[edge] ?? 0] ?? 0) < middleMs) edge += 1;
    return this.#slopeOf(hull[edge - 1] ?? 0, hull[edge] ?? 0);
  }

  #slopeOf(from: number, to: number): number {
    const offsets = (this.#offsetsMs[to] ?? 0) - (this.#offsetsMs[from] ?? 0);
    return offsets / ((this.#timesMs[to] ?? 0) - (this.#timesMs[from] ?? 0));
  }
}
