import type { Frame, FrameStage } from "./frame.ts";

/**
 * Players that play by timestamps stay behind for ever by the longest step that they met: they stand still while nothing
 * comes, and go on from there. A longer step is no time that players need to know of.
 */
const MOST_STEP_MS = 500;
/** Pictures without sound may come once a second. */
const MOST_PICTURE_STEP_MS = 1_500;
/** So far one track may lag behind the other, for what coders and networks do to pictures. */
const MOST_LAG_MS = 3_000;
/** So far a track's time may go back for bad rounding. Players drop sound that goes back further. */
const MOST_RETURN_MS = 100;
/** What a step is shortened to where the track's own frames do not say. */
const USUAL_STEP_MS = 40;
/** Above, players that read 32 bits with a sign are near the end of their time: a publisher starts at 0 then. */
const LATEST_START_MS = 2 ** 30;

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

/** One track of a publisher on the line: what is added to its time, its newest frame, and how far that was from the last. */
type TrackTime = { shiftMs: number; lastMs: number | undefined; stepMs: number };

/**
 * Puts the frames of one publisher, which starts at its own time and its headers at 0, on the time line: for players
 * that stayed time must go on, by what was sent. So pauses are left out, and steps back and forth of the publisher's
 * clock. A track keeps its own shift until it steps itself, since its frames from before may come after the other's.
 */
export class Splice implements FrameStage {
  readonly #audio: TrackTime = { shiftMs: 0, lastMs: undefined, stepMs: USUAL_STEP_MS };
  readonly #video: TrackTime = { shiftMs: 0, lastMs: undefined, stepMs: USUAL_STEP_MS };
  #hasJoined = false;
  #shiftMs = 0;

  constructor(
    readonly line: TimeLine,
    readonly next: FrameStage,
  ) {}

  push(frame: Frame, nowMs: number): void {
    const placed =
      frame.kind === "data" || !isCoded(frame) ? this.#besides(frame) : this.#place(frame, nowMs);
    this.next.push(placed, nowMs);
  }

  /** Headers and data: beside the frames around them, whatever their own time. */
  #besides(frame: Frame): Frame {
    const { lastTimestampMs } = this.line;
    if (lastTimestampMs === undefined) return frame;
    const timestampMs = (frame.timestampMs + this.#shiftMs) >>> 0;
    const aheadMs = (timestampMs - lastTimestampMs) | 0;
    const fits = this.#hasJoined && aheadMs <= MOST_STEP_MS && aheadMs >= -MOST_LAG_MS;
    return at(frame, fits ? timestampMs : lastTimestampMs);
  }

  #place(frame: Frame, nowMs: number): Frame {
    if (!this.#hasJoined) this.#join(frame.timestampMs, nowMs);
    const [track, other] = frame.kind === "audio" ? [this.#audio, this.#video] : [this.#video, this.#audio];
    if (!this.#fits(track, frame.timestampMs + track.shiftMs)) this.#moveTo(frame.timestampMs, track, other);
    const timestampMs = (frame.timestampMs + track.shiftMs) >>> 0;
    const stepMs = track.lastMs === undefined ? 0 : (timestampMs - track.lastMs) | 0;
    if (stepMs > 0) track.stepMs = Math.min(stepMs, MOST_STEP_MS);
    if (stepMs >= 0) track.lastMs = timestampMs;
    this.#shiftMs = track.shiftMs;
    return at(frame, timestampMs);
  }

  #join(timestampMs: number, nowMs: number): void {
    this.#hasJoined = true;
    const { lastTimestampMs, lastAtMs } = this.line;
    let shiftMs = timestampMs < LATEST_START_MS ? 0 : -timestampMs;
    if (lastTimestampMs !== undefined) {
      const pauseMs = Math.max(Math.round(nowMs - lastAtMs), 1);
      shiftMs = lastTimestampMs + (pauseMs <= MOST_STEP_MS ? pauseMs : USUAL_STEP_MS) - timestampMs;
    }
    this.#audio.shiftMs = shiftMs | 0;
    this.#video.shiftMs = shiftMs | 0;
  }

  /** Whether players can go on with a frame of that track at that time. */
  #fits(track: TrackTime, timestampMs: number): boolean {
    const { lastTimestampMs } = this.line;
    if (lastTimestampMs === undefined) return true;
    const aheadMs = (timestampMs - lastTimestampMs) | 0;
    if (aheadMs < -MOST_LAG_MS || aheadMs > this.#mostStepMs) return false;
    return track.lastMs === undefined || ((timestampMs - track.lastMs) | 0) >= -MOST_RETURN_MS;
  }

  get #mostStepMs(): number {
    return this.#audio.lastMs === undefined ? MOST_PICTURE_STEP_MS : MOST_STEP_MS;
  }

  /** After the other track, if that made the same step already; else right behind what players have. */
  #moveTo(timestampMs: number, track: TrackTime, other: TrackTime): void {
    if (other.lastMs !== undefined && this.#fits(track, timestampMs + other.shiftMs)) {
      track.shiftMs = other.shiftMs;
      return;
    }
    const { lastTimestampMs = 0 } = this.line;
    track.shiftMs = (lastTimestampMs + track.stepMs - timestampMs) | 0;
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

function at(frame: Frame, timestampMs: number): Frame {
  return frame.timestampMs === timestampMs ? frame : stampFrame(frame, timestampMs);
}
