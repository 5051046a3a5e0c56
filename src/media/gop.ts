import type { Frame } from "./frame.ts";

/** A picture group beyond these is not worth a joiner's wait: it is forgotten until the next key frame. */
const MAX_FRAMES = 900;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * The video frames since the last key frame, so that a joiner has a picture at once.
 * Sound is never kept: old sound is delay.
 */
export class GopCache {
  #frames: Frame[] = [];
  #byteCount = 0;

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  push(frame: Frame): void {
    if (frame.kind !== "video" || frame.role === "config") return;
    if (frame.role === "key") this.clear();
    else if (this.#frames.length === 0) return;
    this.#frames.push(frame);
    this.#byteCount += frame.body.length;
    if (this.#frames.length > MAX_FRAMES || this.#byteCount > MAX_BYTES) this.clear();
  }

  clear(): void {
    if (this.#frames.length > 0) this.#frames = [];
    this.#byteCount = 0;
  }
}
