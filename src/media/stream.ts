import type { Clock, Timer } from "../clock.ts";
import type { Logger } from "../log.ts";
import { Audience, type Subscriber } from "./audience.ts";
import type { AudioConversion } from "./conversion.ts";
import type { AudioCodec, Frame, VideoCodec } from "./frame.ts";
import { Arrivals, type Publication, type PublisherInfo, StreamPublication } from "./publication.ts";
import { StandIn, type StandInPlace } from "./stand-in.ts";
import type { Standstill } from "./standstill.ts";

export interface Subscription {
  end(): void;
}

export type StreamOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  /** How long players are kept after the publisher left. */
  readonly republishSeconds: number;
  /** Undefined: nobody looks out for one. */
  readonly standstill?: Standstill;
};

/** A stream by its key: at most one publisher, any number of players, and what a joiner needs to start. */
export class Stream implements StandInPlace {
  readonly createdMs: number;
  readonly #arrivals: Arrivals;
  readonly #audience = new Audience();
  #publication: StreamPublication | undefined;
  #conversion: AudioConversion | undefined;
  #standIn: StandIn | undefined;
  #expiry: Timer | undefined;
  #isRetained = false;
  #isHeldBack = false;
  #isClosed = false;

  constructor(
    readonly key: string,
    readonly options: StreamOptions,
    readonly onClosed: () => void,
  ) {
    this.createdMs = options.clock.nowMs();
    this.#arrivals = new Arrivals(options.clock);
  }

  /** What players get. */
  get audioCodec(): AudioCodec | undefined {
    return this.#audience.tracks.audioCodec;
  }

  get videoCodec(): VideoCodec | undefined {
    return this.#audience.tracks.videoCodec;
  }

  get publisher(): PublisherInfo | undefined {
    return this.#publication?.info;
  }

  /** When a publisher last pushed something; a stand-in does not count. */
  get lastPushedAtMs(): number | undefined {
    return this.#arrivals.lastPushedAtMs;
  }

  /** Bytes of frame bodies that were pushed. */
  get byteCount(): number {
    return this.#arrivals.byteCount;
  }

  /** Bytes of frame bodies that were handed to players. */
  get deliveredByteCount(): number {
    return this.#audience.deliveredByteCount;
  }

  /** Frames that players of this stream lost, those that left included. */
  get droppedFrameCount(): number {
    return this.#audience.droppedFrameCount;
  }

  get playerCount(): number {
    return this.#audience.playerCount;
  }

  /** As the audience knows it: 0 once a container's header may be written, undefined while no track has begun. */
  tracksSettleInMs(): number | undefined {
    return this.#audience.tracksSettleInMs(this.options.clock.nowMs());
  }

  /** What a player needs that begins now; whoever subscribes gets it anyway. */
  joiningFrames(): readonly Frame[] {
    return this.#audience.joiningFrames();
  }

  /** Takes the stream over from whoever publishes it now. */
  publish(info: PublisherInfo): Publication {
    const previous = this.#dismiss();
    const publication = new StreamPublication({
      info,
      log: this.options.log.with({ stream: this.key }),
      arrivals: this.#arrivals,
      isHeldBack: this.#isHeldBack,
      conversion: this.#conversion,
      standstill: this.options.standstill,
      standIn: this,
      audience: this.#audience,
      onEnd: () => this.#leave(),
    });
    this.#publication = publication;
    this.#cancelExpiry();
    // A stand-in goes on: its sound is no track of the publisher's
    if (this.#standIn === undefined) this.#audience.forgetSound();
    this.#audience.forgetPicture();
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
    this.#publication?.convertAudio(conversion);
  }

  /**
   * Lets sound of our own making be heard until a publisher's is, or until the next stand-in; `onEnd` then tells so.
   * Undefined where a publisher is heard already.
   */
  standIn(onEnd: () => void): Publication | undefined {
    const isHeard = !this.hasStandIn && this.audioCodec !== undefined;
    if (this.#isClosed || (this.#publication !== undefined && isHeard)) return undefined;
    this.endStandIn();
    const standIn = new StandIn(this.#audience, onEnd);
    this.#standIn = standIn;
    return {
      push: (frame) => {
        if (this.#standIn === standIn) standIn.first.push(frame, this.options.clock.nowMs());
      },
      end: () => {
        if (this.#standIn === standIn) this.endStandIn();
      },
    };
  }

  get hasStandIn(): boolean {
    return this.#standIn !== undefined;
  }

  endStandIn(): number | undefined {
    const standIn = this.#standIn;
    if (standIn === undefined) return undefined;
    this.#standIn = undefined;
    this.#audience.forgetSound();
    standIn.onEnd();
    return standIn.lastTimestampMs;
  }

  subscribe(subscriber: Subscriber): Subscription {
    this.#audience.add(subscriber);
    return {
      end: () => {
        if (!this.#audience.remove(subscriber)) return;
        const isDeserted = this.#publication === undefined && this.playerCount === 0;
        if (isDeserted && this.#expiry === undefined) this.#expireLater();
      },
    };
  }

  /** Tells the codec of each publisher's sound, before its first frame is taken. */
  watchPushedCodec(watch: (codec: AudioCodec) => void): Subscription {
    const { codecWatchers } = this.#arrivals;
    codecWatchers.add(watch);
    return { end: () => void codecWatchers.delete(watch) };
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
    this.endStandIn();
    this.#dismiss()?.onReplaced();
    this.#audience.dismiss();
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

  #leave(): void {
    this.#dismiss();
    this.#expireLater();
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
