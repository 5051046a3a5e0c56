import { areEqualBytes } from "../bytes/equal.ts";
import type { Frame } from "./frame.ts";

/** A picture group beyond these is not worth a joiner's wait: it is forgotten until the next key frame. */
const MAX_FRAMES = 900;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * The video header, and the video frames since the last key frame, so that a joiner has a picture at once.
 * Sound is never kept: old sound is delay.
 */
export class GopCache {
  #header: Frame | undefined;
  #frames: Frame[] = [];
  #byteCount = 0;

  get header(): Frame | undefined {
    return this.#header;
  }

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  push(frame: Frame): void {
    if (frame.kind !== "video") return;
    if (frame.role === "config") {
      // A joiner gets one header: frames that were coded for another would not be decodable with it
      if (this.#header !== undefined && !areEqualBytes(this.#header.body, frame.body)) this.#dropFrames();
      this.#header = frame;
      return;
    }
    if (frame.role === "key") this.#dropFrames();
    else if (this.#frames.length === 0) return;
    this.#frames.push(frame);
    this.#byteCount += frame.body.length;
    if (this.#frames.length > MAX_FRAMES || this.#byteCount > MAX_BYTES) this.#dropFrames();
  }

  clear(): void {
    this.#header = undefined;
    this.#dropFrames();
  }

  #dropFrames(): void {
    if (this.#frames.length > 0) this.#frames = [];
    this.#byteCount = 0;
  }
}
