import type { Frame } from "../../media/frame.ts";

/**
 * How a stream's carrier sends single bytes that mean nothing, while frames wait. They begin what the next frame ends,
 * so the stream itself has nothing in it that is old.
 */
export type TrickleFormat = {
  readonly opening: Uint8Array;
  readonly filler: Uint8Array;
  /** What follows the filler: a frame of sound. */
  readonly close: (sound: Frame) => Uint8Array;
};
