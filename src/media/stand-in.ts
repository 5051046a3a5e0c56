import type { Audience } from "./audience.ts";
import type { AudioFrame, Frame, FrameStage } from "./frame.ts";
import { isCoded, isLater, Splice, stampFrame } from "./time-line.ts";

/** Sound that lags further behind its picture than the network and the coders explain has no common time line with it. */
const MAX_LAG_MS = 1_000;

/** Sound of our own making. Its way: splice → note the time → hand out. */
export class StandIn {
  readonly first: FrameStage;
  readonly #lastTime: LastTime;

  /** `onEnd` tells that it is heard no longer. */
  constructor(
    audience: Audience,
    readonly onEnd: () => void,
  ) {
    this.#lastTime = new LastTime(audience);
    this.first = new Splice(audience.timeLine, this.#lastTime);
  }

  /** The time of its newest sound, on the players' time line; undefined if it had none. */
  get lastTimestampMs(): number | undefined {
    return this.#lastTime.timestampMs;
  }
}

class LastTime implements FrameStage {
  timestampMs: number | undefined;

  constructor(readonly next: FrameStage) {}

  push(frame: Frame, nowMs: number): void {
    if (isCoded(frame)) this.timestampMs = frame.timestampMs;
    this.next.push(frame, nowMs);
  }
}

/** What a publisher needs to know of the stand-in before it. */
export interface StandInPlace {
  readonly hasStandIn: boolean;
  /** Ends the stand-in. Returns the time of its newest sound; undefined if there was none. */
  endStandIn(): number | undefined;
}

/**
 * Lets a stand-in be heard until the publisher's first sound. A header alone is no sound, and does not fit the sound
 * of the stand-in: it waits. Sound that belongs to a picture which came before it can be older than what was
 * heard already. Players would stumble over time that goes back, so the little that overlaps is left out.
 */
export class Relieve implements FrameStage {
  #isHeard = false;
  #heldConfig: AudioFrame | undefined;
  #standInEndMs: number | undefined;

  constructor(
    readonly place: StandInPlace,
    readonly next: FrameStage,
  ) {}

  push(frame: Frame, nowMs: number): void {
    if (this.#isHeard || frame.kind !== "audio") this.next.push(frame, nowMs);
    else if (frame.role === "config") this.#takeConfig(frame, nowMs);
    else this.#begin(frame, nowMs);
  }

  #takeConfig(frame: AudioFrame, nowMs: number): void {
    if (this.place.hasStandIn || this.#standInEndMs !== undefined) this.#heldConfig = frame;
    else this.next.push(frame, nowMs);
  }

  #begin(frame: AudioFrame, nowMs: number): void {
    // Another stand-in may have begun while sound was left out
    this.#standInEndMs = this.place.endStandIn() ?? this.#standInEndMs;
    if (this.#standInEndMs !== undefined && isBehind(frame.timestampMs, this.#standInEndMs)) return;
    this.#isHeard = true;
    if (this.#heldConfig?.codec === frame.codec) {
      this.next.push(stampFrame(this.#heldConfig, frame.timestampMs), nowMs);
    }
    this.#heldConfig = undefined;
    this.next.push(frame, nowMs);
  }
}

function isBehind(timestampMs: number, endMs: number): boolean {
  return !isLater(timestampMs, endMs) && isLater(timestampMs, endMs - MAX_LAG_MS);
}
