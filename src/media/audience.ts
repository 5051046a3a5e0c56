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
}

/** The players of a stream and what they have got so far. The last stage: it hands out. */
export class Audience implements FrameStage {
  readonly timeLine = new TimeLine();
  /** Coded frames since the tracks were forgotten, and when the first frame came. */
  frameCount = 0;
  firstFrameAtMs: number | undefined;
  deliveredByteCount = 0;
  readonly #tracks = new Tracks();
  #subscribers: readonly Subscriber[] = [];
  #droppedBefore = 0;

  get tracks(): Pick<Tracks, "audioCodec" | "videoCodec"> {
    return this.#tracks;
  }

  get playerCount(): number {
    return this.#subscribers.length;
  }

  get droppedFrameCount(): number {
    return this.#subscribers.reduce((sum, player) => sum + player.droppedFrameCount(), this.#droppedBefore);
  }

  push(frame: Frame, nowMs: number): void {
    this.firstFrameAtMs ??= nowMs;
    this.deliveredByteCount += frame.body.length * this.#subscribers.length;
    this.#tracks.note(frame);
    if (isCoded(frame)) {
      this.frameCount += 1;
      this.timeLine.note(frame, nowMs);
    }
    for (const subscriber of this.#subscribers) subscriber.onFrame(frame);
  }

  add(subscriber: Subscriber): void {
    this.#subscribers = [...this.#subscribers, subscriber];
    for (const frame of this.#tracks.joiningFrames()) subscriber.onFrame(frame);
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
    this.#tracks.changeSound(undefined);
    this.#unsettle();
  }

  forgetPicture(): void {
    this.#tracks.forgetPicture();
    this.#unsettle();
  }

  /** Whoever joins now waits for both tracks anew. */
  #unsettle(): void {
    this.firstFrameAtMs = undefined;
    this.frameCount = 0;
  }
}
