import type { Frame, FrameStage } from "./frame.ts";

/** The time that players of a stream are at, whoever publishes. */
export class TimeLine {
  /** The time of the newest frame; headers and data do not count. Undefined before the first. */
  lastTimestampMs: number | undefined;
  /** When the last such frame came, by the clock. */
  lastAtMs = 0;

  note(frame: Frame, nowMs: number): void {
    this.lastAtMs = nowMs;
    if (this.lastTimestampMs === undefined || isLater(frame.timestampMs, this.lastTimestampMs)) {
      this.lastTimestampMs = frame.timestampMs;
    }
  }
}

/**
 * Puts the frames of one publisher, which starts at its own time and its headers at 0, on the time line: for players
 * that stayed time must go on.
 */
export class Splice implements FrameStage {
  #hasJoined = false;
  #shiftMs = 0;

  constructor(
    readonly line: TimeLine,
    readonly next: FrameStage,
  ) {}

  push(frame: Frame, nowMs: number): void {
    this.next.push(this.#place(frame, nowMs), nowMs);
  }

  #place(frame: Frame, nowMs: number): Frame {
    if (!this.#hasJoined) {
      const { lastTimestampMs, lastAtMs } = this.line;
      if (!isCoded(frame)) return lastTimestampMs === undefined ? frame : stampFrame(frame, lastTimestampMs);
      this.#hasJoined = true;
      if (lastTimestampMs !== undefined) {
        const pauseMs = Math.max(Math.round(nowMs - lastAtMs), 1);
        this.#shiftMs = (lastTimestampMs + pauseMs - frame.timestampMs) >>> 0;
      }
    }
    return this.#shiftMs === 0 ? frame : stampFrame(frame, (frame.timestampMs + this.#shiftMs) >>> 0);
  }
}

export function isCoded(frame: Frame): boolean {
  return frame.kind !== "data" && frame.role !== "config";
}

/** Compares times that wrap after 32 bits. */
export function isLater(aMs: number, bMs: number): boolean {
  return ((aMs - bMs) | 0) > 0;
}

export function stampFrame<Any extends Frame>(frame: Any, timestampMs: number): Any {
  return { ...frame, timestampMs, wire: [] };
}
