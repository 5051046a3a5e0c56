import type { Frame, FrameStage } from "./frame.ts";
import type { Standstill } from "./standstill.ts";
import { isCoded } from "./time-line.ts";

/** So much later than before the standstill a frame may be: networks need as much to settle. */
const MOST_LAG_MS = 300;
/** What is older comes at once. Whoever is as late after this time has another clock. */
const CATCH_UP_MS = 2_000;

/**
 * After the program stood still, leaves out what publishers sent meanwhile: players would get it all at once, and be as
 * much behind for the rest of the call.
 */
export class LeaveOld implements FrameStage {
  /** When a frame came, minus its own time. */
  #offsetMs: number | undefined;
  /** The standstill that is over for this publisher. */
  #leftBehindMs: number | undefined;
  /** Until then old frames are left out. */
  #untilMs = Number.NEGATIVE_INFINITY;
  #needsKey = false;

  /** @param standstill undefined: nobody looks out for one */
  constructor(
    readonly standstill: Standstill | undefined,
    readonly next: FrameStage,
    nowMs: number,
  ) {
    this.#leftBehindMs = standstill?.look(nowMs);
  }

  push(frame: Frame, nowMs: number): void {
    if (this.standstill === undefined || !isCoded(frame) || this.#isNew(frame, nowMs)) {
      this.next.push(frame, nowMs);
    }
  }

  /** Pictures go on from a key frame. */
  #isNew(frame: Frame, nowMs: number): boolean {
    if (this.#isOld(frame, nowMs)) {
      this.#needsKey ||= frame.kind === "video";
      return false;
    }
    if (frame.kind !== "video" || !this.#needsKey) return true;
    this.#needsKey = frame.role !== "key";
    return !this.#needsKey;
  }

  #isOld({ timestampMs }: Frame, nowMs: number): boolean {
    const endedAtMs = this.standstill?.look(nowMs);
    if (endedAtMs !== this.#leftBehindMs) {
      this.#leftBehindMs = endedAtMs;
      this.#untilMs = nowMs + CATCH_UP_MS;
    }
    const offsetMs = nowMs - timestampMs;
    const lagMs = (offsetMs - (this.#offsetMs ?? offsetMs)) | 0;
    if (nowMs < this.#untilMs && lagMs > MOST_LAG_MS) return true;
    this.#untilMs = Number.NEGATIVE_INFINITY;
    this.#offsetMs = offsetMs;
    return false;
  }
}
