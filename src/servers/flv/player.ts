import type { Clock, Timer } from "../../clock.ts";
import type { Subscriber } from "../../media/audience.ts";
import type { Frame, WireFormat } from "../../media/frame.ts";
import type { Stream } from "../../media/stream.ts";
import { encodeFlvHeader } from "../../protocols/flv/tag.ts";
import type { Outbound } from "../tcp/outbound.ts";

/**
 * How long the header of a stream that has just begun waits for a second track. Players wait for ever for a track
 * that its flags promise, and some ignore one that they do not.
 */
const TRACKS_WAIT_MS = 25;

export type FlvPlayerOptions = {
  readonly stream: Stream;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly format: WireFormat;
  readonly sendHeader: (header: Uint8Array) => void;
  readonly onEnd: () => void;
};

/** Plays a stream as FLV. The header goes out as soon as it is known which tracks there are. */
export class FlvPlayer implements Subscriber {
  #hasStarted = false;
  #wait: Timer | undefined;

  constructor(readonly options: FlvPlayerOptions) {}

  droppedFrameCount(): number {
    return this.options.outbound.droppedFrameCount;
  }

  onFrame(frame: Frame): void {
    if (!this.#hasStarted) this.#startOnceSettled();
    this.options.outbound.sendFrame(frame);
  }

  onEnd(): void {
    if (!this.#hasStarted && this.options.stream.frameCount > 0) this.#start();
    this.options.onEnd();
  }

  /** The player is gone. */
  stop(): void {
    this.#wait?.cancel();
  }

  #startOnceSettled(): void {
    const { stream, clock } = this.options;
    if (stream.areTracksSettled(TRACKS_WAIT_MS)) this.#start();
    else if (stream.frameCount > 0) this.#wait ??= clock.after(TRACKS_WAIT_MS, () => this.#startAfterWait());
  }

  #startAfterWait(): void {
    this.#wait = undefined;
    if (!this.#hasStarted) this.#startOnceSettled();
  }

  /** Until now the outbound had no format, so that frames waited in it. */
  #start(): void {
    const { stream, outbound, format, sendHeader } = this.options;
    this.#hasStarted = true;
    this.#wait?.cancel();
    sendHeader(
      encodeFlvHeader({ audio: stream.audioCodec !== undefined, video: stream.videoCodec !== undefined }),
    );
    outbound.format = format;
    outbound.drain();
  }
}
