import type { Clock, Timer } from "../../clock.ts";
import { type Frame, toWire, type WireFormat } from "../../media/frame.ts";
import { FrameQueue, type FrameQueueLimits } from "../../media/frame-queue.ts";
import type { TrickleFormat } from "./trickle.ts";

/** What Bun's TCP socket gives: `write` returns the count of bytes it took, -1 once closed, and keeps nothing. */
export interface ByteSink {
  readonly fd: number;
  /** Says that no more bytes follow; the peer's still come. */
  shutdown(): void;
  terminate(): void;
  write(bytes: Uint8Array): number;
}

/** Single bytes went out, and `frame` ends what they began if there is no newer one. */
type Trickle = { readonly format: TrickleFormat; readonly frame: Frame };

type OutboundOptions = {
  readonly clock: Clock;
  readonly queue: FrameQueueLimits;
  /** Whether the socket encrypts what it is given. */
  readonly isSecure?: boolean;
};

/**
 * Sound that is sent after a gap. What a player gets at once after a pause it plays late for ever, so where words are
 * lost anyway only what starts the player again is worth sending.
 */
const SOUND_AFTER_GAP_MS = 100;
/** Replies that a peer provokes but does not read. */
const MAX_CONTROL_BYTES = 256 * 1024;
/**
 * How long an ended connection waits for the peer to read and close. Closing at once would lose the last reply: the
 * kernel answers what a publisher is still sending with a reset.
 */
const LINGER_MS = 1_000;

/** RFC 8446, section 5: what a record holds at most, and what its header, type and tag add. */
const RECORD_BYTES = 16_384;
const RECORD_OVERHEAD_BYTES = 22;

/**
 * The one way out to a peer: control bytes in order and never dropped, frames as fresh as the peer allows. While the
 * socket takes all, nothing is queued or copied; what it does not take waits in a bounded queue.
 */
export class Outbound {
  /** As the kernel counts them: what encryption adds is among them. */
  sentByteCount = 0;
  readonly #queue: FrameQueue;
  #rest: Uint8Array | undefined;
  #control: Uint8Array[] = [];
  #controlByteCount = 0;
  #makeRider: (() => Uint8Array) | undefined;
  #trickle: Trickle | undefined;
  #isHeld = false;
  #droppedBeforeHold = 0;
  #isOpen = true;
  #isClosed = false;
  #linger: Timer | undefined;

  constructor(
    readonly socket: ByteSink,
    readonly options: OutboundOptions,
    public format: WireFormat | undefined = undefined,
  ) {
    this.#queue = new FrameQueue(options.queue);
  }

  get droppedFrameCount(): number {
    return this.#queue.droppedCount;
  }

  /** True until either side ends the connection. What the peer sends after that means nothing. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** What must arrive and has not been written yet. */
  get controlByteCount(): number {
    return (this.#rest?.length ?? 0) + this.#controlByteCount;
  }

  /** Whether nothing waits to be written. */
  get isIdle(): boolean {
    return this.#takesControl && this.#queue.length === 0;
  }

  get #takesControl(): boolean {
    return this.#rest === undefined && this.#control.length === 0 && this.#trickle === undefined;
  }

  /** Bytes that must arrive: replies, headers, pings. A peer that lets too many pile up is cut off. */
  sendControl(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    if (this.#takesControl) {
      this.#write(bytes);
      return;
    }
    this.#controlByteCount += bytes.length;
    this.#control.push(bytes);
    if (this.#controlByteCount <= MAX_CONTROL_BYTES) return;
    this.close();
    this.socket.terminate();
  }

  /** May be given away without its object: a frame then comes here from the stream straight away. */
  readonly sendFrame = (frame: Frame): void => {
    if (!this.#isOpen || !this.#queue.admits(frame)) return;
    if (this.format !== undefined && !this.#isHeld && this.isIdle) {
      const bytes = toWire(frame, this.format);
      this.#write(this.#makeRider === undefined ? bytes : this.#withRider(bytes));
    } else {
      this.#queue.push(frame, this.options.clock.nowMs());
    }
  };

  /**
   * What `make` gives goes out behind the next frame that need not wait, in one packet with it: packets of their own
   * would cost a ping's worth of the machine and of the radio.
   */
  sendBehindNextFrame(make: () => Uint8Array): void {
    this.#makeRider = make;
  }

  /** While frames are held: one more byte goes out, if sound waits behind it. */
  trickle(format: TrickleFormat): void {
    if (!this.#isOpen || !this.#isHeld || this.#rest !== undefined) return;
    if (this.#trickle !== undefined) {
      this.#write(format.filler);
      return;
    }
    const frame = this.#control.length === 0 ? this.#queue.shiftSound() : undefined;
    if (frame === undefined) return;
    this.#trickle = { format, frame };
    this.#write(format.opening);
  }

  /** The socket takes bytes again. */
  drain(): void {
    if (this.#rest !== undefined) {
      const rest = this.#rest;
      this.#rest = undefined;
      this.#write(rest);
    }
    while (this.#rest === undefined) {
      const bytes = this.#next();
      if (bytes === undefined) break;
      this.#write(bytes);
    }
    if (this.#linger !== undefined && this.#rest === undefined) this.socket.shutdown();
  }

  /** Frames wait, and grow old and are dropped, until `release`: the peer does not take in what it was sent. */
  hold(): void {
    this.#isHeld = true;
    this.#droppedBeforeHold = this.droppedFrameCount;
  }

  release(): void {
    this.#isHeld = false;
    const nowMs = this.options.clock.nowMs();
    this.#queue.trim(nowMs);
    if (this.droppedFrameCount > this.#droppedBeforeHold) {
      this.#queue.dropSoundBefore(nowMs - SOUND_AFTER_GAP_MS);
    }
    this.drain();
  }

  /** No more frames: those of the next stream begin with a key frame. */
  endFrames(): void {
    this.format = undefined;
    this.#makeRider = undefined;
    this.forgetFrames();
  }

  /** Frames that wait are not wanted any more; the next picture is a key frame. */
  forgetFrames(): void {
    this.#queue.clear();
  }

  /**
   * Ends the connection once all control bytes are out; frames that wait are not sent any more.
   * @param lingerMs so long the peer may take to read them, and to close
   */
  end(lingerMs = LINGER_MS): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#linger = this.options.clock.after(lingerMs, () => this.socket.terminate());
    this.drain();
  }

  /** The connection is gone. */
  close(): void {
    this.#isOpen = false;
    this.#isClosed = true;
    this.#linger?.cancel();
    this.#linger = undefined;
    this.#rest = undefined;
    this.#control = [];
    this.#trickle = undefined;
  }

  #withRider(bytes: Uint8Array): Uint8Array {
    const rider = this.#makeRider?.();
    this.#makeRider = undefined;
    return rider === undefined ? bytes : Buffer.concat([bytes, rider]);
  }

  #endTrickle({ format, frame }: Trickle): Uint8Array | undefined {
    if (this.#isOpen && this.#isHeld) return undefined;
    this.#trickle = undefined;
    return format.close(this.#queue.shiftSound() ?? frame);
  }

  #next(): Uint8Array | undefined {
    if (this.#trickle !== undefined) return this.#endTrickle(this.#trickle);
    const control = this.#control.shift();
    if (control !== undefined) {
      this.#controlByteCount -= control.length;
      return control;
    }
    if (!this.#isOpen || this.#isHeld || this.format === undefined) return undefined;
    this.#queue.trim(this.options.clock.nowMs());
    const frame = this.#queue.shift();
    return frame === undefined ? undefined : toWire(frame, this.format);
  }

  #write(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const taken = this.socket.write(bytes);
    if (taken < 0) {
      this.close();
      return;
    }
    this.sentByteCount += taken;
    if (this.options.isSecure) this.sentByteCount += Math.ceil(taken / RECORD_BYTES) * RECORD_OVERHEAD_BYTES;
    if (taken < bytes.length) this.#rest = bytes.subarray(taken);
  }
}
