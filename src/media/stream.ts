import type { Clock, Timer } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { AudioCodec, Frame, VideoCodec } from "./frame.ts";
import { GopCache } from "./gop.ts";

/** A player, whatever its protocol. None of this may throw. */
export interface Subscriber {
  /** At first what the stream already had when the player came: headers and the last picture group. */
  onFrame(frame: Frame): void;
  /** The stream is over: nobody publishes any more, or its call ended. */
  onEnd(): void;
  /** Frames this player lost because it was too slow. */
  droppedFrameCount(): number;
}

export interface Subscription {
  end(): void;
}

export type PublisherInfo = {
  readonly from: string;
  readonly protocol: string;
  /** Another publisher took the stream, or its call ended: close the connection. */
  readonly onReplaced: () => void;
};

export interface Publication {
  push(frame: Frame): void;
  end(): void;
}

export type StreamOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  /** How long players are kept after the publisher left. */
  readonly republishSeconds: number;
};

/** A stream by its key: at most one publisher, any number of players, and what a joiner needs to start. */
export class Stream {
  readonly createdMs: number;
  audioCodec: AudioCodec | undefined;
  videoCodec: VideoCodec | undefined;
  frameCount = 0;
  /** Bytes of frame bodies that came in, and that were handed to players. */
  byteCount = 0;
  deliveredByteCount = 0;
  firstFrameAtMs: number | undefined;
  lastFrameAtMs: number | undefined;

  #publisher: PublisherInfo | undefined;
  #subscribers: readonly Subscriber[] = [];
  #metadata: Frame | undefined;
  #audioConfig: Frame | undefined;
  readonly #gop = new GopCache();
  #lastTimestampMs: number | undefined;
  #timestampShiftMs = 0;
  #expiry: Timer | undefined;
  #droppedBefore = 0;
  #isRetained = false;
  #isClosed = false;

  constructor(
    readonly key: string,
    readonly options: StreamOptions,
    readonly onClosed: () => void,
  ) {
    this.createdMs = options.clock.nowMs();
  }

  get publisher(): PublisherInfo | undefined {
    return this.#publisher;
  }

  /** Frames that players of this stream lost, those that left included. */
  get droppedFrameCount(): number {
    return this.#subscribers.reduce((sum, player) => sum + player.droppedFrameCount(), this.#droppedBefore);
  }

  get playerCount(): number {
    return this.#subscribers.length;
  }

  /** A coded frame was seen, and both tracks or `waitMs` since the first frame: a container header may be written. */
  areTracksSettled(waitMs: number): boolean {
    if (this.firstFrameAtMs === undefined || this.frameCount === 0) return false;
    if (this.audioCodec !== undefined && this.videoCodec !== undefined) return true;
    return this.options.clock.nowMs() - this.firstFrameAtMs >= waitMs;
  }

  /** Takes the stream over from whoever publishes it now. */
  publish(info: PublisherInfo): Publication {
    const previous = this.#publisher;
    this.#publisher = info;
    this.#cancelExpiry();
    this.#forgetTracks();
    if (previous !== undefined) {
      this.options.log.info("stream.taken-over", { stream: this.key, from: info.from });
      previous.onReplaced();
    }
    // A new publisher starts at its own time, its headers at 0; for players that stayed time must go on.
    let joinsAtMs = this.#lastTimestampMs;
    const silentSinceMs = this.lastFrameAtMs;
    return {
      push: (frame) => {
        if (this.#publisher !== info) return;
        if (joinsAtMs !== undefined && isCoded(frame)) {
          const pauseMs = Math.round(this.options.clock.nowMs() - (silentSinceMs ?? 0));
          this.#timestampShiftMs = (joinsAtMs + Math.max(pauseMs, 1) - frame.timestampMs) >>> 0;
          joinsAtMs = undefined;
        }
        if (joinsAtMs !== undefined) this.#accept(stampFrame(frame, joinsAtMs));
        else this.#accept(shiftFrame(frame, this.#timestampShiftMs));
      },
      end: () => {
        if (this.#publisher !== info) return;
        this.#publisher = undefined;
        this.#expireLater();
      },
    };
  }

  subscribe(subscriber: Subscriber): Subscription {
    this.#subscribers = [...this.#subscribers, subscriber];
    for (const frame of [this.#metadata, this.#gop.header, this.#audioConfig]) {
      if (frame !== undefined) subscriber.onFrame(frame);
    }
    for (const frame of this.#gop.frames) subscriber.onFrame(frame);
    return {
      end: () => {
        if (!this.#subscribers.includes(subscriber)) return;
        this.#droppedBefore += subscriber.droppedFrameCount();
        this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
        const isDeserted = this.#publisher === undefined && this.#subscribers.length === 0;
        if (isDeserted && this.#expiry === undefined) this.#expireLater();
      },
    };
  }

  /** Keeps the stream, though nobody publishes or plays, until it is closed: its call lives. */
  retain(): void {
    this.#isRetained = true;
    this.#cancelExpiry();
  }

  /** Ends publisher and players. Closing twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelExpiry();
    const publisher = this.#publisher;
    this.#publisher = undefined;
    publisher?.onReplaced();
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.onEnd();
    this.onClosed();
  }

  #accept(frame: Frame): void {
    const nowMs = this.options.clock.nowMs();
    this.firstFrameAtMs ??= nowMs;
    this.lastFrameAtMs = nowMs;
    this.byteCount += frame.body.length;
    this.deliveredByteCount += frame.body.length * this.#subscribers.length;
    this.#remember(frame);
    for (const subscriber of this.#subscribers) subscriber.onFrame(frame);
  }

  #remember(frame: Frame): void {
    if (frame.role === "metadata") this.#metadata = frame;
    if (frame.kind === "audio") {
      this.audioCodec = frame.codec as AudioCodec;
      if (frame.role === "config") this.#audioConfig = frame;
    } else if (frame.kind === "video") {
      this.videoCodec = frame.codec as VideoCodec;
      this.#gop.push(frame);
    }
    if (!isCoded(frame)) return;
    this.frameCount += 1;
    if (this.#lastTimestampMs === undefined || isLater(frame.timestampMs, this.#lastTimestampMs)) {
      this.#lastTimestampMs = frame.timestampMs;
    }
  }

  #forgetTracks(): void {
    this.audioCodec = undefined;
    this.videoCodec = undefined;
    this.#metadata = undefined;
    this.#audioConfig = undefined;
    this.#gop.clear();
    this.firstFrameAtMs = undefined;
    this.frameCount = 0;
  }

  #expireLater(): void {
    this.#cancelExpiry();
    if (this.#isRetained || this.#isClosed) return;
    const waitMs = this.options.republishSeconds * 1000;
    this.#expiry = this.options.clock.after(waitMs, () => this.close());
  }

  #cancelExpiry(): void {
    this.#expiry?.cancel();
    this.#expiry = undefined;
  }
}

function isCoded(frame: Frame): boolean {
  return frame.kind !== "data" && frame.role !== "config";
}

/** In time that wraps after 32 bits. */
function isLater(aMs: number, bMs: number): boolean {
  return ((aMs - bMs) | 0) > 0;
}

function shiftFrame(frame: Frame, shiftMs: number): Frame {
  return shiftMs === 0 ? frame : stampFrame(frame, (frame.timestampMs + shiftMs) >>> 0);
}

function stampFrame(frame: Frame, timestampMs: number): Frame {
  return { ...frame, timestampMs, wire: [] };
}
