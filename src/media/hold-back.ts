import type { Frame, FrameStage } from "./frame.ts";

/** Gives players nothing of what is pushed until it is let through. */
export class HoldBack implements FrameStage {
  /** The newest header of each kind and the metadata; undefined once all passes. */
  #held: Map<Frame["kind"], Frame> | undefined;
  #nowMs = 0;

  constructor(
    isHeldBack: boolean,
    readonly next: FrameStage,
  ) {
    if (isHeldBack) this.#held = new Map();
  }

  push(frame: Frame, nowMs: number): void {
    if (this.#held === undefined) this.next.push(frame, nowMs);
    else this.#hold(frame, nowMs, this.#held);
  }

  /** What comes from now on reaches players; pictures do from the next key frame on, as always. */
  letThrough(): void {
    const frames = this.#held?.values() ?? [];
    this.#held = undefined;
    for (const frame of frames) this.next.push(frame, this.#nowMs);
  }

  #hold(frame: Frame, nowMs: number, held: Map<Frame["kind"], Frame>): void {
    this.#nowMs = nowMs;
    // A header is no good for sound in another codec
    if (frame.kind === "audio" && frame.codec !== held.get("audio")?.codec) held.delete("audio");
    if (frame.role === "config" || frame.role === "metadata") held.set(frame.kind, frame);
  }
}
