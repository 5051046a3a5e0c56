import { Concealer } from "../../../codecs/pcm/concealer.ts";
import { ArrivalLine } from "./arrival-line.ts";
import { MediaTime } from "./media-time.ts";
import { PacedReader } from "./paced-reader.ts";
import { PullClock } from "./pull-clock.ts";
import { SampleRing } from "./sample-ring.ts";
import { TargetDelay } from "./target-delay.ts";

type PlayoutOptions = {
  readonly sampleRate: 8000 | 16000;
  /** How much sound is pulled at a time. */
  readonly frameMs: number;
};

export type PlayoutCounters = {
  /** Sound that waits now. */
  readonly depthMs: number;
  /** How far the next sample will be behind the fastest transit when it is played, and how far it should be. */
  readonly delayMs: number;
  readonly targetMs: number;
  /** Frames that came after their time to be played. */
  readonly lateFrames: number;
  readonly concealedMs: number;
  readonly shortenedMs: number;
  readonly lengthenedMs: number;
  readonly droppedMs: number;
  /** Above 0 if the publisher's clock is faster than ours. */
  readonly driftPpm: number;
};

const CAPACITY_MS = 2000;
/** Behind the target by more than this, whole stretches are dropped, down to what shortening removes in 2 s. */
const MOST_EXCESS_MS = 1000;
const EXCESS_AFTER_DROP_MS = 500;
/**
 * What comes so late, after all was played, was not on its way but not sent: its media time stood still. No jitter that
 * the target delay could cover takes so long.
 */
const STANDSTILL_MS = 450;
/** After an underrun so much more than one pull must be there, lest the next frame be missing again. */
const RESUME_MARGIN_MS = 10;
/** Besides the next pull so much is never given away. */
const LEAST_IN_HAND_MS = 20;
/** Timestamps that jump more often are bad: the sound is probably whole. */
const SEAM_PERIOD_MS = 500;
/** How much of such an error is taken over. */
const TIMESTAMP_GAIN = 1 / 8;
const SEED = 0x5eed;

/**
 * - fresh: a media time has begun, and is played once it is as old as the target delay.
 * - playing.
 * - starved: the next frame is late; noise or invented sound until it comes.
 * - bridging: media time is missing in the midst of what waits.
 */
type State = "fresh" | "playing" | "starved" | "bridging";

/**
 * App → telephone: decoded sound comes late and in bursts, and goes out on the telephone's clock. Each sample is played
 * a target delay after the fastest transit of its media time; where that is not so, sound is shortened or lengthened.
 * Only what cannot be had is invented.
 */
export class PlayoutBuffer {
  readonly #samplesPerMs: number;
  readonly #frameMs: number;
  readonly #ring: SampleRing;
  readonly #reader: PacedReader;
  readonly #concealer: Concealer;
  readonly #line = new ArrivalLine();
  readonly #target: TargetDelay;
  readonly #clock = new PullClock();
  #state: State = "fresh";
  #isRestarting = true;
  /** Media time after the last sample pushed, without the wraps of timestamps. */
  #endMs = 0;
  readonly #time = new MediaTime();
  #pushedSincePull = 0;
  #lastPushLength = 0;
  #bridgeCount = 0;
  #lastSeamMs = Number.NEGATIVE_INFINITY;
  #lateFrames = 0;
  #concealedCount = 0;
  #droppedCount = 0;

  constructor({ sampleRate, frameMs }: PlayoutOptions) {
    this.#samplesPerMs = sampleRate / 1000;
    this.#frameMs = frameMs;
    this.#ring = new SampleRing(CAPACITY_MS * this.#samplesPerMs);
    this.#reader = new PacedReader(this.#ring, this.#samplesPerMs);
    this.#concealer = new Concealer(sampleRate, SEED);
    this.#target = new TargetDelay(frameMs);
  }

  /** The counters at the last pull or push. */
  get counters(): PlayoutCounters {
    return {
      depthMs: this.#depthMs,
      delayMs: this.#line.isDrawn ? this.#delayMs + this.#frameMs : 0,
      targetMs: this.#target.targetMs,
      lateFrames: this.#lateFrames,
      concealedMs: this.#concealedCount / this.#samplesPerMs,
      shortenedMs: this.#reader.shortenedCount / this.#samplesPerMs,
      lengthenedMs: this.#reader.lengthenedCount / this.#samplesPerMs,
      droppedMs: this.#droppedCount / this.#samplesPerMs,
      driftPpm: this.#line.driftPpm,
    };
  }

  /** The next sound comes from another publisher, with a time of its own. */
  restart(): void {
    this.#isRestarting = true;
    this.#lastSeamMs = Number.NEGATIVE_INFINITY;
    this.#target.reset();
  }

  /** Any count of mono samples; `timestampMs` wraps at 2^32. */
  push(timestampMs: number, samples: Float32Array, nowMs: number): void {
    if (samples.length === 0) return;
    const mediaMs = this.#time.unwrap(timestampMs);
    if (this.#stoodStill(mediaMs, nowMs)) this.#line.reset();
    this.#place(mediaMs, samples.length / this.#samplesPerMs, nowMs);
    this.#target.observe(this.#line.observe(mediaMs, nowMs), nowMs);
    this.#target.rise(this.#line.renew(nowMs));
    if (this.#state === "starved") this.#lateFrames += 1;
    this.#droppedCount += this.#ring.write(samples);
    this.#endMs += samples.length / this.#samplesPerMs;
    this.#pushedSincePull += samples.length;
    this.#lastPushLength = samples.length;
  }

  /** Fills `out` completely, with what the telephone hears in the next `out.length` samples. */
  pull(out: Float32Array, nowMs: number): void {
    this.#clock.tick(nowMs, out.length / this.#samplesPerMs);
    this.#dropExcess();
    if (this.#isReady(out.length)) this.#resume();
    if (this.#state === "playing") this.#reader.adjust(this.#excessMs, this.#concealer.backgroundLevel);
    let at = 0;
    while (at < out.length) {
      at = this.#state === "playing" ? this.#play(out, at) : this.#invent(out, at);
    }
    this.#pushedSincePull = 0;
  }

  get #depthMs(): number {
    return (this.#ring.length + this.#reader.stagedCount) / this.#samplesPerMs;
  }

  /** How far behind the fastest transit the next sample is played, if it is played now. */
  get #delayMs(): number {
    const mediaMs = this.#endMs - this.#depthMs - this.#ring.gapMs;
    return this.#clock.nowMs - mediaMs - this.#line.offsetAtMs(this.#clock.nowMs);
  }

  /** Too much of delay; but what did not arrive yet cannot be played sooner, so no more than what is in hand to spare. */
  get #excessMs(): number {
    const excessMs = this.#delayMs - this.#target.targetMs;
    return excessMs > 0
      ? Math.max(0, Math.min(excessMs, this.#depthMs - this.#frameMs - LEAST_IN_HAND_MS))
      : excessMs;
  }

  #stoodStill(mediaMs: number, nowMs: number): boolean {
    if (this.#state !== "starved" || !this.#line.isDrawn) return false;
    return nowMs - mediaMs - this.#line.offsetAtMs(nowMs) > STANDSTILL_MS;
  }

  /** Decides how a frame follows those before it. */
  #place(mediaMs: number, durationMs: number, nowMs: number): void {
    const errorMs = mediaMs - this.#endMs;
    const sequel = this.#isRestarting ? "break" : this.#time.judge(errorMs, durationMs);
    if (sequel === "gap") {
      this.#markGap(errorMs);
      return;
    }
    if (sequel !== "break") {
      if (sequel === "seam") this.#markSeam(nowMs);
      this.#endMs += errorMs * TIMESTAMP_GAIN;
      return;
    }
    if (this.#state === "starved") this.#droppedCount += this.#ring.skip(this.#ring.length);
    if (this.#depthMs === 0) this.#state = "fresh";
    // Where our clock went on as far, something in between was not sent.
    const isGap = errorMs > 0 && nowMs - mediaMs >= this.#line.offsetAtMs(nowMs) - errorMs / 2;
    if (isGap && !this.#isRestarting) this.#ring.markJoint(this.#depthMs > 0 ? errorMs : 0);
    else {
      this.#line.reset();
      this.#ring.forgetGaps();
      this.#markSeam(nowMs);
    }
    this.#isRestarting = false;
    this.#endMs = mediaMs;
  }

  #markGap(gapMs: number): void {
    this.#ring.markJoint(this.#depthMs > 0 ? gapMs : 0);
    this.#endMs += gapMs;
  }

  #markSeam(nowMs: number): void {
    if (nowMs - this.#lastSeamMs < SEAM_PERIOD_MS) return;
    this.#lastSeamMs = nowMs;
    this.#ring.markJoint(0);
  }

  #dropExcess(): void {
    const excessMs = this.#excessMs;
    if (!(excessMs > MOST_EXCESS_MS)) return;
    this.#droppedCount += this.#ring.skip(Math.floor((excessMs - EXCESS_AFTER_DROP_MS) * this.#samplesPerMs));
    this.#state = "starved";
  }

  #isReady(pullLength: number): boolean {
    if (this.#state === "fresh") {
      return this.#ring.length > 0 && this.#delayMs + this.#frameMs / 2 >= this.#target.targetMs;
    }
    if (this.#state !== "starved") return false;
    const isFlooding = this.#pushedSincePull > Math.max(4 * pullLength, 2 * this.#lastPushLength);
    return !isFlooding && this.#ring.length >= pullLength + RESUME_MARGIN_MS * this.#samplesPerMs;
  }

  /** What goes on in the midst of a word does so in phase with what was invented meanwhile. */
  #resume(): void {
    if (this.#state === "starved") this.#reader.alignWith(this.#concealer);
    this.#state = "playing";
  }

  #play(out: Float32Array, at: number): number {
    if (this.#reader.stagedCount === 0) this.#passJoint();
    if (this.#state !== "playing") return at;
    const count = this.#reader.read(out, at, out.length);
    if (count === 0 && this.#ring.length === 0) this.#state = "starved";
    this.#concealer.good(out, at, at + count);
    return at + count;
  }

  /** Of what is missing at a joint only so much is waited for as brings the delay back to its target. */
  #passJoint(): void {
    const delayMs = this.#delayMs;
    const gapMs = this.#ring.passJoint();
    if (gapMs === undefined) return;
    this.#concealer.seam();
    const waitMs = Math.min(gapMs, this.#target.targetMs - delayMs + gapMs);
    this.#bridgeCount = Math.floor(waitMs * this.#samplesPerMs);
    if (this.#bridgeCount <= 0) return;
    this.#reader.leadUp(this.#concealer, this.#bridgeCount);
    this.#state = "bridging";
  }

  #invent(out: Float32Array, at: number): number {
    const isBridging = this.#state === "bridging";
    const count = isBridging ? Math.min(this.#bridgeCount, out.length - at) : out.length - at;
    this.#concealer.conceal(out, at, at + count);
    if (this.#state !== "fresh") this.#concealedCount += count;
    if (isBridging) {
      this.#bridgeCount -= count;
      if (this.#bridgeCount === 0) this.#state = "playing";
    }
    return at + count;
  }
}
