import type { Frame, FrameStage } from "./frame.ts";
import { isCoded, TimeLine } from "./time-line.ts";
import { Tracks } from "./tracks.ts";

/** A player, whatever its protocol. None of this may throw. */
export interface Subscriber {
  /** At first what the stream already had when the player came: headers and the last picture group. */
  onFrame(frame: Frame): void;
  /** The stream is over: nobody publishes any more, or its call ended. */
  onEnd(): void;
  /** Frames that this player lost because it was too slow. */
  droppedFrameCount(): number;
  /** It can take any format of sound after any other, being a part of this program. */
  readonly takesAnySound?: boolean;
}

/**
 * How long a player whose format names the tracks once, at its start, waits for a second track. Players wait for ever
 * for a track that was promised, and some ignore one that was not.
 */
const TRACK_WAIT_MS = 25;
/** The same where the publisher named another track: cameras and microphones need so long, and some never come. */
const NAMED_TRACK_WAIT_MS = 1_800;

/** The players of a stream and what they have got so far. The last stage: it hands out. */
export class Audience implements FrameStage {
  readonly timeLine = new TimeLine();
  deliveredByteCount = 0;
  /** When the first frame came since a track was forgotten; headers and metadata count. */
  #firstFrameAtMs: number | undefined;
  readonly #tracks = new Tracks();
  #subscribers: readonly Subscriber[] = [];
  #droppedBefore = 0;

  get tracks(): Pick<Tracks, "audioCodec" | "videoCodec"> {
    return this.#tracks;
  }

  /** Only of players that could not take another. */
  get soundHeader(): Uint8Array | undefined {
    const isNeeded = this.#subscribers.some(({ takesAnySound = false }) => !takesAnySound);
    return isNeeded ? this.#tracks.soundHeader : undefined;
  }

  get playerCount(): number {
    return this.#subscribers.length;
  }

  get droppedFrameCount(): number {
    return this.#subscribers.reduce((sum, player) => sum + player.droppedFrameCount(), this.#droppedBefore);
  }

  push(frame: Frame, nowMs: number): void {
    this.#firstFrameAtMs ??= nowMs;
    if (isCoded(frame)) this.timeLine.note(frame, nowMs);
    this.#tracks.take(frame, this.#handOut);
  }

  /**
   * In how many milliseconds, if nothing else comes, it is known which tracks there are: 0 once both are there or were
   * waited for. Undefined while there is none.
   */
  tracksSettleInMs(nowMs: number): number | undefined {
    const { audioCodec, videoCodec, isAnotherNamed } = this.#tracks;
    if (audioCodec === undefined && videoCodec === undefined) return undefined;
    if (audioCodec !== undefined && videoCodec !== undefined) return 0;
    const waitMs = isAnotherNamed ? NAMED_TRACK_WAIT_MS : TRACK_WAIT_MS;
    return Math.max(0, (this.#firstFrameAtMs ?? nowMs) + waitMs - nowMs);
  }

  joiningFrames(): readonly Frame[] {
    return this.#tracks.joiningFrames();
  }

  add(subscriber: Subscriber): void {
    this.#subscribers = [...this.#subscribers, subscriber];
    for (const frame of this.joiningFrames()) subscriber.onFrame(frame);
  }

  /** Returns false if it had gone already. */
  remove(subscriber: Subscriber): boolean {
    if (!this.#subscribers.includes(subscriber)) return false;
    this.#droppedBefore += subscriber.droppedFrameCount();
    this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    return true;
  }

  /** Tells every player that the stream is over. */
  dismiss(): void {
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.onEnd();
  }

  forgetSound(): void {
    this.#tracks.forgetSound();
    this.#firstFrameAtMs = undefined;
  }

  forgetPicture(): void {
    this.#tracks.forgetPicture();
    this.#firstFrameAtMs = undefined;
  }

  readonly #handOut = (frame: Frame): void => {
    this.deliveredByteCount += frame.body.length * this.#subscribers.length;
    for (const subscriber of this.#subscribers) subscriber.onFrame(frame);
  };
}
