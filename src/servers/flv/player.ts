import { areEqualBytes } from "../../bytes/equal.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Subscriber } from "../../media/audience.ts";
import { areEqualFormats, readAacFormat } from "../../media/body/sound-format.ts";
import { type Frame, toWire, type WireFormat } from "../../media/frame.ts";
import type { Stream } from "../../media/stream.ts";
import { isCoded } from "../../media/time-line.ts";
import { encodeFlvHeader } from "../../protocols/flv/tag.ts";
import type { Outbound } from "../tcp/outbound.ts";

/** Sound that waited for the header for longer is left out: a player that gets it at once is late by it for ever. */
const OLDEST_SOUND_MS = 100;

/** `ended`: nobody publishes any more. `changed`: what comes now needs another FLV header, so the player must start anew. */
export type FlvEnd = "ended" | "changed";

type FlvPlayerOptions = {
  readonly stream: Stream;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly format: WireFormat;
  readonly sendHeader: (header: Uint8Array) => void;
  readonly onEnd: (end: FlvEnd) => void;
};

/**
 * Plays a stream as FLV. The header goes out as soon as it is known which tracks there are. Browser players hold on to
 * that: another track, picture size or sound format later would stop them for ever, so their connection ends instead.
 */
export class FlvPlayer implements Subscriber {
  #hasStarted = false;
  #firstQueuedAtMs: number | undefined;
  #wait: Timer | undefined;
  /** The tracks' headers as sent last; undefined for a track that has none, null for one that the FLV header lacks. */
  readonly #headers: { audio: Uint8Array | undefined | null; video: Uint8Array | undefined | null } = {
    audio: null,
    video: null,
  };

  constructor(readonly options: FlvPlayerOptions) {}

  droppedFrameCount(): number {
    return this.options.outbound.droppedFrameCount;
  }

  onFrame(frame: Frame): void {
    const { outbound, stream } = this.options;
    if (this.#hasStarted) this.#goOn(frame);
    else if (isCoded(frame) && stream.tracksSettleInMs() === 0) this.#startWith(frame);
    else if (frame.role !== "metadata") {
      outbound.sendFrame(frame);
      if (isCoded(frame)) this.#waitForTracks();
    }
  }

  onEnd(): void {
    if (!this.#hasStarted && this.options.stream.tracksSettleInMs() !== undefined) this.#start();
    this.options.onEnd("ended");
  }

  /** The player is gone. */
  stop(): void {
    this.#wait?.cancel();
  }

  /** Until the player starts the outbound has no format, so that frames wait in it. */
  #waitForTracks(): void {
    const { clock, stream } = this.options;
    this.#firstQueuedAtMs ??= clock.nowMs();
    this.#wait ??= clock.after(stream.tracksSettleInMs() ?? 0, () => {
      this.#wait = undefined;
      if (stream.tracksSettleInMs() === 0) this.#start();
      else this.#waitForTracks();
    });
  }

  #startWith(frame: Frame): void {
    const isInGroup = this.#hasWaitedLong() && frame.kind === "video";
    this.#start();
    if (!isInGroup) this.#goOn(frame);
  }

  #start(): void {
    const { stream, outbound, format, sendHeader } = this.options;
    this.#hasStarted = true;
    this.#wait?.cancel();
    const has = { audio: stream.audioCodec !== undefined, video: stream.videoCodec !== undefined };
    sendHeader(encodeFlvHeader(has));
    if (has.audio) this.#headers.audio = undefined;
    if (has.video) this.#headers.video = undefined;
    const hasWaitedLong = this.#hasWaitedLong();
    if (hasWaitedLong) outbound.forgetFrames();
    for (const frame of stream.joiningFrames()) {
      this.#noteHeader(frame);
      if (frame.role === "metadata") outbound.sendControl(toWire(frame, format));
      else if (hasWaitedLong) outbound.sendFrame(frame);
    }
    outbound.format = format;
    outbound.drain();
  }

  #hasWaitedLong(): boolean {
    const firstMs = this.#firstQueuedAtMs;
    return firstMs !== undefined && this.options.clock.nowMs() - firstMs > OLDEST_SOUND_MS;
  }

  #goOn(frame: Frame): void {
    if (frame.kind !== "data" && this.#needsNewHeader(frame.kind, frame)) {
      this.options.onEnd("changed");
      return;
    }
    this.#noteHeader(frame);
    this.options.outbound.sendFrame(frame);
  }

  #needsNewHeader(kind: "audio" | "video", { role, body }: Frame): boolean {
    const sent = this.#headers[kind];
    if (sent === null || role !== "config" || sent === undefined) return sent === null;
    if (kind === "video") return !areEqualBytes(sent, body);
    return !areEqualFormats(readAacFormat(sent), readAacFormat(body));
  }

  #noteHeader(frame: Frame): void {
    if (frame.kind !== "data" && frame.role === "config") this.#headers[frame.kind] = frame.body;
  }
}
