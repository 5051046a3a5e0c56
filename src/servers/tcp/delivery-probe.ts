type Mark = { readonly byteCount: number; readonly atMs: number };

const MAX_MARKS = 64;

/** Tells how long the oldest byte has been on its way, from samples of how many are unacknowledged. */
export class AcknowledgementProbe {
  #marks: Mark[] = [];

  /** Age in milliseconds of the oldest unacknowledged byte, to the precision of the sampling; 0 when there is none. */
  sample(nowMs: number, sentByteCount: number, unacknowledgedByteCount: number): number {
    const acknowledged = sentByteCount - unacknowledgedByteCount;
    while (this.#marks[0] !== undefined && this.#marks[0].byteCount <= acknowledged) this.#marks.shift();
    const newest = this.#marks.at(-1)?.byteCount ?? acknowledged;
    if (sentByteCount > newest && this.#marks.length < MAX_MARKS) {
      this.#marks.push({ byteCount: sentByteCount, atMs: nowMs });
    }
    const oldest = this.#marks[0];
    return oldest === undefined ? 0 : nowMs - oldest.atMs;
  }
}

/** How long round trips take on a connection, as its kernel has seen them. */
export type RoundTrips = {
  /** Smoothed, what the peer waits before it acknowledges included. */
  readonly usualMs: number;
  readonly deviationMs: number;
  readonly shortestMs: number;
};

/** Acknowledgements may be delayed by 40 ms (Linux), and pauses of a few frames pass by themselves. */
const LEAST_PATIENCE_MS = 100;

/**
 * How long bytes may be on their way before frames are held back. What is on its way when a network is cut arrives
 * stale, so as short as possible; but one lost packet takes two round trips, and holding then would add a third.
 * @param roundTrips undefined where the kernel does not tell
 */
export function patienceMs(roundTrips: RoundTrips | undefined, slowReaderMs: number): number {
  if (roundTrips === undefined) return slowReaderMs / 2;
  const { usualMs, deviationMs, shortestMs } = roundTrips;
  const repairMs = 2 * usualMs + 4 * deviationMs;
  return Math.max(leastPatienceMs(slowReaderMs), Math.min(repairMs, slowReaderMs / 2 + 2 * shortestMs));
}

/** Below this nobody is late, whatever the round trips. */
export function leastPatienceMs(slowReaderMs: number): number {
  return Math.min(LEAST_PATIENCE_MS, slowReaderMs / 2);
}

/** After this long without an answer, and none of its bytes stuck in the kernel, the peer has stopped answering pings. */
const GIVE_UP_MS = 30_000;

/**
 * Tells how long the peer has left a ping unanswered. A ping stands behind the frames sent before it, so its answer
 * shows that the peer's program has read them. Peers that have never answered one are not judged by it.
 */
export class PingProbe {
  #askedAtMs: number | undefined;
  #answers = false;
  #excusedUntilMs = Number.NEGATIVE_INFINITY;
  #gaveUp = false;

  /** True if another ping may go out behind the next frame: the last one was answered. */
  mayAsk(nowMs: number): boolean {
    return !this.#gaveUp && this.#askedAtMs === undefined && nowMs >= this.#excusedUntilMs;
  }

  /** The ping goes out now. */
  asked(nowMs: number): void {
    this.#askedAtMs = nowMs;
  }

  answered(): void {
    this.#askedAtMs = undefined;
    this.#answers = true;
  }

  /**
   * Forgets the open ping and asks no other until then. Its answer may have been lost when the network was, and a
   * peer's kernel tries again ever more rarely: at the latest when it has waited as long again.
   */
  excuse(untilMs: number): void {
    this.#askedAtMs = undefined;
    this.#excusedUntilMs = untilMs;
  }

  /** Milliseconds since the unanswered ping, 0 when there is none or the peer does not answer pings at all. */
  ageMs(nowMs: number): number {
    if (this.#askedAtMs === undefined) return 0;
    const ageMs = nowMs - this.#askedAtMs;
    if (ageMs > GIVE_UP_MS) this.#gaveUp = true;
    return this.#answers && !this.#gaveUp ? ageMs : 0;
  }
}
