import type { Clock, Timer } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { AudioCodec, Frame, VideoCodec } from "./frame.ts";
import {
  type AudioConversion,
  type Intake,
  type Publication,
  type PublisherInfo,
  StreamPublication,
} from "./publication.ts";
import { isCoded, Splice, TimeLine } from "./time-line.ts";
import { Tracks } from "./tracks.ts";

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

export type StreamOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  /** How long players are kept after the publisher left. */
  readonly republishSeconds: number;
};

/** A stream by its key: at most one publisher, any number of players, and what a joiner needs to start. */
export class Stream {
  readonly createdMs: number;
  frameCount = 0;
  /** Bytes of frame bodies that came in, and that were handed to players. */
  byteCount = 0;
  deliveredByteCount = 0;
  firstFrameAtMs: number | undefined;
  /** Of a publisher; a stand-in is none. */
  lastPushedAtMs: number | undefined;
  /** Told of the codec of each publisher's sound, before its first frame is taken. */
  onPushedCodec: ((codec: AudioCodec) => void) | undefined;

  readonly #intake: Intake;
  readonly #timeLine = new TimeLine();
  #publication: StreamPublication | undefined;
  #conversion: AudioConversion | undefined;
  #standIn: StandIn | undefined;
  #subscribers: readonly Subscriber[] = [];
  readonly #tracks = new Tracks();
  #expiry: Timer | undefined;
  #droppedBefore = 0;
  #isRetained = false;
  #isHeldBack = false;
  #isClosed = false;

  constructor(
    readonly key: string,
    readonly options: StreamOptions,
    readonly onClosed: () => void,
  ) {
    this.createdMs = options.clock.nowMs();
    this.#intake = this.#openIntake();
  }

  /** What players get. */
  get audioCodec(): AudioCodec | undefined {
    return this.#tracks.audioCodec;
  }

  get videoCodec(): VideoCodec | undefined {
    return this.#tracks.videoCodec;
  }

  get publisher(): PublisherInfo | undefined {
    return this.#publication?.info;
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
    const previous = this.#dismiss();
    const publication = new StreamPublication(info, this.#intake, this.#isHeldBack);
    this.#publication = publication;
    this.#cancelExpiry();
    this.#forgetTracks();
    if (previous !== undefined) {
      this.options.log.info("stream.taken-over", { stream: this.key, from: info.from });
      previous.onReplaced();
    }
    return publication;
  }

  /** What is pushed by whoever publishes from now on counts, but players get nothing of it until it is let through. */
  holdBack(): void {
    this.#isHeldBack = true;
  }

  letThrough(): void {
    this.#isHeldBack = false;
    this.#publication?.letThrough();
  }

  /** From now on players get their sound so, whatever is pushed. */
  convertAudio(conversion: AudioConversion): void {
    this.#conversion = conversion;
    this.#publication?.reroute();
  }

  /**
   * Lets sound of our own making be heard until a publisher's is, or until the next stand-in; `onEnd` then tells so.
   * Undefined where a publisher is heard already.
   */
  standIn(onEnd: () => void): Publication | undefined {
    const isHeard = this.#standIn === undefined && this.audioCodec !== undefined;
    if (this.#isClosed || (this.#publication !== undefined && isHeard)) return undefined;
    this.#endStandIn();
    const standIn: StandIn = { onEnd, lastTimestampMs: undefined };
    const splice = new Splice(this.#timeLine);
    this.#standIn = standIn;
    return {
      push: (frame) => {
        if (this.#standIn !== standIn) return;
        const nowMs = this.options.clock.nowMs();
        const placed = splice.place(frame, nowMs);
        if (isCoded(frame)) standIn.lastTimestampMs = placed.timestampMs;
        this.#accept(placed, nowMs);
      },
      end: () => {
        if (this.#standIn === standIn) this.#endStandIn();
      },
    };
  }

  subscribe(subscriber: Subscriber): Subscription {
    this.#subscribers = [...this.#subscribers, subscriber];
    for (const frame of this.#tracks.joiningFrames()) subscriber.onFrame(frame);
    return {
      end: () => {
        if (!this.#subscribers.includes(subscriber)) return;
        this.#droppedBefore += subscriber.droppedFrameCount();
        this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
        const isDeserted = this.#publication === undefined && this.#subscribers.length === 0;
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
    this.#endStandIn();
    this.#dismiss()?.onReplaced();
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.onEnd();
    this.onClosed();
  }

  /** The publisher that there was. */
  #dismiss(): PublisherInfo | undefined {
    const publication = this.#publication;
    if (publication === undefined) return undefined;
    this.#publication = undefined;
    publication.isCurrent = false;
    return publication.info;
  }

  #openIntake(): Intake {
    return {
      timeLine: this.#timeLine,
      arrive: (frame) => {
        this.byteCount += frame.body.length;
        this.lastPushedAtMs = this.options.clock.nowMs();
        return this.lastPushedAtMs;
      },
      accept: (frame, nowMs) => this.#accept(frame, nowMs),
      conversion: () => this.#conversion,
      audioConfig: () => this.#tracks.audioConfig,
      noteCodec: (codec) => this.onPushedCodec?.(codec),
      hasStandIn: () => this.#standIn !== undefined,
      endStandIn: () => this.#endStandIn(),
      leave: () => {
        this.#dismiss();
        this.#expireLater();
      },
    };
  }

  #accept(frame: Frame, nowMs: number): void {
    this.firstFrameAtMs ??= nowMs;
    this.deliveredByteCount += frame.body.length * this.#subscribers.length;
    this.#tracks.note(frame);
    if (isCoded(frame)) {
      this.frameCount += 1;
      this.#timeLine.note(frame, nowMs);
    }
    for (const subscriber of this.#subscribers) subscriber.onFrame(frame);
  }

  /** A stand-in goes on: its sound is no track of the publisher's. */
  #forgetTracks(): void {
    if (this.#standIn === undefined) this.#tracks.changeSound(undefined);
    this.#tracks.forgetPicture();
    this.#unsettle();
  }

  #endStandIn(): number | undefined {
    const standIn = this.#standIn;
    if (standIn === undefined) return undefined;
    this.#standIn = undefined;
    this.#tracks.changeSound(undefined);
    this.#unsettle();
    standIn.onEnd();
    return standIn.lastTimestampMs;
  }

  /** Whoever joins now waits for both tracks anew. */
  #unsettle(): void {
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

type StandIn = { readonly onEnd: () => void; lastTimestampMs: number | undefined };
