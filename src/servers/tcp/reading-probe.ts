/** What a connection's kernel has counted since it was opened. */
export type SegmentCounts = {
  /** Segments with data that were sent, those sent anew included. */
  readonly sent: number;
  /** Segments that came: acknowledgements, where the peer sends no data. */
  readonly acknowledgements: number;
  /** Time during which something was unacknowledged. */
  readonly busyMs: number;
  readonly shortestRoundTripMs: number;
};

type Sample = SegmentCounts & { readonly atMs: number };
/** The first two a second, the third as a share of the time. */
type Stretch = { readonly sent: number; readonly acknowledgements: number; readonly busy: number };

/**
 * Below this a peer is near. There small segments must wait for the acknowledgement of the one before (Nagle): two on
 * their way make the kernel send the second anew before a delayed acknowledgement (40 ms) comes, and after such a
 * segment a peer acknowledges sixteen at once, whether its program reads or not.
 */
const NEAR_MS = 8;
const SAMPLE_MS = 80;
/** How often a byte goes out while frames wait: at most 1,000 then. Some programs take 2,050 in one line. */
const BYTE_MS = 20;
/** After a pause as long as a time-out, 200 ms, a peer acknowledges sixteen segments at once, reading or not. */
const PAUSE_MS = 150;
const AFTER_PAUSE_MS = 16 * BYTE_MS;

/**
 * A second: of what nobody reads Linux acknowledges 25, each 40 ms after the first segment that it covers. Who
 * acknowledges more reads, at least each 100 ms.
 */
const MOST_UNREAD_RATE = 28;
/** Streams with fewer frames a second show no difference. */
const LEAST_FRAME_RATE = 40;
const USUAL_STRETCH_MS = 1000;
/** Samples, 1.5 s together, that make a peer one whose acknowledgements tell; as many more are remembered. */
const PROMPT_SAMPLES = 18;
const MOST_PROMPT_SAMPLES = 2 * PROMPT_SAMPLES;
/** A near peer that has not become such a one by then never will. */
const TRIAL_MS = 10_000;

/** Frames that were held for less were held wrongly; that peer is not judged again for some time. */
const FALSE_ALARM_MS = 1000;
const QUIET_AFTER_FALSE_ALARM_MS = 30_000;
/** After this long the peer has changed its ways, rather than stopped. */
const GIVE_UP_MS = 20_000;

/**
 * Tells from its acknowledgements whether a peer's program reads, where the protocol has no ping. Linux acknowledges a
 * small segment at once when a program has read it, and otherwise late, two or three together. So a peer is judged only
 * if it has acknowledged each frame for itself before. One that is thought to have stopped gets single bytes: when their
 * acknowledgements come at once, it reads.
 */
export class ReadingProbe {
  #samples: Sample[] = [];
  #promptCount = 0;
  #stoppedAtMs: number | undefined;
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  #byteAtMs = Number.NEGATIVE_INFINITY;
  #trialEndsMs: number | undefined;
  #isOnTrial = true;
  #tellsFromMs = Number.NEGATIVE_INFINITY;
  #isNear = false;

  get hasStopped(): boolean {
    return this.#stoppedAtMs !== undefined;
  }

  /** Whether small segments should wait for the acknowledgement of the one before. */
  get gathers(): boolean {
    return this.#isNear && (this.#isOnTrial || this.#promptCount > 0 || this.hasStopped);
  }

  /** Whether it is time to look again; each look costs a system call. */
  wantsSample(nowMs: number): boolean {
    const newest = this.#samples.at(-1);
    return newest === undefined || this.hasStopped || nowMs - newest.atMs >= SAMPLE_MS;
  }

  /** Whether a byte should go out now, so that there is something to acknowledge. */
  takeByteTurn(nowMs: number): boolean {
    const passedMs = nowMs - this.#byteAtMs;
    if (!this.hasStopped || passedMs < BYTE_MS) return false;
    if (passedMs > PAUSE_MS) this.#tellsFromMs = nowMs + AFTER_PAUSE_MS;
    this.#byteAtMs = nowMs;
    return true;
  }

  /** Frames wait for another reason: acknowledgements tell nothing meanwhile. */
  forget(): void {
    this.#samples = [];
  }

  sample(nowMs: number, counts: SegmentCounts): void {
    if (nowMs < this.#tellsFromMs) this.forget();
    this.#trialEndsMs ??= nowMs + TRIAL_MS;
    this.#isOnTrial = nowMs < this.#trialEndsMs;
    this.#isNear = counts.shortestRoundTripMs < NEAR_MS;
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - USUAL_STRETCH_MS) this.#samples.shift();
    this.#samples.push({ ...counts, atMs: nowMs });
    if (this.#stoppedAtMs === undefined) {
      this.#judge(nowMs);
    } else if (nowMs - this.#stoppedAtMs > GIVE_UP_MS) {
      this.#quietUntilMs = Number.POSITIVE_INFINITY;
      this.#goOn();
    } else if (this.#readsAgain()) {
      if (nowMs - this.#stoppedAtMs < FALSE_ALARM_MS) this.#quietUntilMs = nowMs + QUIET_AFTER_FALSE_ALARM_MS;
      this.#goOn();
    }
  }

  #judge(nowMs: number): void {
    const isJudged = this.#promptCount >= PROMPT_SAMPLES && nowMs >= this.#quietUntilMs;
    if (isJudged && this.#seemsStopped()) {
      this.#stoppedAtMs = nowMs;
      this.#byteAtMs = nowMs;
      this.forget();
      return;
    }
    const step = this.#isPrompt() ? 1 : -1;
    this.#promptCount = Math.max(0, Math.min(MOST_PROMPT_SAMPLES, this.#promptCount + step));
  }

  #isPrompt(): boolean {
    const usual = this.#over(USUAL_STRETCH_MS);
    if (usual === undefined || usual.sent < LEAST_FRAME_RATE) return false;
    if (this.#isNear) return this.gathers && usual.busy < 0.5;
    return usual.acknowledgements >= 0.85 * usual.sent;
  }

  #goOn(): void {
    this.#stoppedAtMs = undefined;
    this.forget();
  }

  #seemsStopped(): boolean {
    const recent = this.#over(this.#isNear ? 400 : 600);
    if (recent === undefined || recent.acknowledgements > MOST_UNREAD_RATE) return false;
    return this.#isNear ? recent.busy >= 0.8 : recent.sent >= LEAST_FRAME_RATE / 2;
  }

  #readsAgain(): boolean {
    if ((this.#over(1000)?.acknowledgements ?? 0) > MOST_UNREAD_RATE) return true;
    if (this.#isNear) return (this.#over(250)?.busy ?? 1) <= 0.35;
    return (this.#over(400)?.acknowledgements ?? 0) > 35;
  }

  /** The last so many milliseconds; undefined while samples do not reach so far back. */
  #over(durationMs: number): Stretch | undefined {
    const newest = this.#samples.at(-1);
    if (newest === undefined) return undefined;
    const oldest = this.#samples.findLast(({ atMs }) => newest.atMs - atMs >= durationMs);
    if (oldest === undefined) return undefined;
    const passedMs = newest.atMs - oldest.atMs;
    return {
      sent: ((newest.sent - oldest.sent) * 1000) / passedMs,
      acknowledgements: ((newest.acknowledgements - oldest.acknowledgements) * 1000) / passedMs,
      busy: (newest.busyMs - oldest.busyMs) / passedMs,
    };
  }
}
