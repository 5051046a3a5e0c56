import type { Frame } from "./frame.ts";

type Entry = { readonly frame: Frame; readonly queuedMs: number };

export type FrameQueueLimits = {
  /** How old the oldest waiting frame may get. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
};

/** Limits floods of tiny frames, whose bodies weigh less than the memory that keeps them. No real stream has so many. */
const MAX_FRAMES = 2_000;
/**
 * Pictures without a key frame for so long have none: the encoder refreshes a part of each picture instead, or its groups
 * are very long. A player that gets them anyway shows something before long, and one that gets nothing shows nothing.
 */
const MOST_WAIT_FOR_KEY_MS = 4_000;
/** So many frames are left then. They are dropped in batches, since going through a long queue takes time. */
const LEFT_OF_MAX_FRAMES = 1_500;

/**
 * Frames that wait for a slow reader. Too old or too many: whole frames go, oldest first, and after a lost video frame
 * all video up to the next key frame. Sequence headers that a waiting or a coming frame needs stay, and so does the
 * newest metadata.
 */
export class FrameQueue {
  #entries: Entry[] = [];
  #byteCount = 0;
  #awaitsKey = true;
  #hadKey = false;
  /** The time of the first picture that was not admitted for want of a key frame. */
  #awaitsKeySinceMs: number | undefined;
  #droppedCount = 0;

  constructor(readonly limits: FrameQueueLimits) {}

  get length(): number {
    return this.#entries.length;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Frames lost since the queue was made. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /**
   * False for a video frame that cannot be decoded, because one before it was lost or never sent: it must not be
   * sent either. Ask once for each frame, whether it then waits here or goes out at once.
   */
  admits(frame: Frame): boolean {
    if (frame.kind !== "video" || frame.role === "config") return true;
    if (frame.role === "key") {
      this.#awaitsKey = false;
      this.#hadKey = true;
    }
    if (this.#awaitsKey && !this.#hadKey) this.#awaitsKey = !this.#hasWaitedForKey(frame.timestampMs);
    if (this.#awaitsKey && this.#hadKey) this.#droppedCount += 1;
    return !this.#awaitsKey;
  }

  #hasWaitedForKey(timestampMs: number): boolean {
    this.#awaitsKeySinceMs ??= timestampMs;
    return ((timestampMs - this.#awaitsKeySinceMs) | 0) >= MOST_WAIT_FOR_KEY_MS;
  }

  /** Takes a frame that was admitted. */
  push(frame: Frame, nowMs: number): void {
    this.#entries.push({ frame, queuedMs: nowMs });
    this.#byteCount += frame.body.length;
    if (isPinned(frame)) this.#replaceLast(this.#entries.length - 1);
    this.trim(nowMs);
  }

  shift(): Frame | undefined {
    const entry = this.#entries.shift();
    if (entry === undefined) return undefined;
    this.#byteCount -= entry.frame.body.length;
    return entry.frame;
  }

  /** The first frame if it is sound, undefined and still there otherwise. */
  shiftSound(): Frame | undefined {
    return this.#entries[0]?.frame.kind === "audio" ? this.shift() : undefined;
  }

  /** Drops what has grown too old; call it before sending after a pause. */
  trim(nowMs: number): void {
    if (!this.#isOver(nowMs)) return;
    const entries = this.#entries;
    const isFlooded = entries.length > MAX_FRAMES;
    const lost = new Set<Entry>();
    for (const [at, entry] of entries.entries()) {
      if (isPinned(entry.frame) || lost.has(entry)) continue;
      const isOver =
        this.#byteCount > this.limits.maxBytes ||
        (isFlooded && entries.length - lost.size > LEFT_OF_MAX_FRAMES) ||
        nowMs - entry.queuedMs > this.limits.maxAgeMs;
      if (!isOver) break;
      this.#lose(entry, lost);
      if (entry.frame.kind === "video") this.#loseVideoAfter(at, lost);
    }
    this.#droppedCount += lost.size;
    this.#entries = entries.filter((entry) => !lost.has(entry));
    this.#dropSuperseded();
  }

  /** What depends on the video frame there: all up to the next key frame. */
  #loseVideoAfter(index: number, lost: Set<Entry>): void {
    for (let at = index + 1; at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (entry?.frame.kind !== "video" || isPinned(entry.frame)) continue;
      if (entry.frame.role === "key") return;
      this.#lose(entry, lost);
    }
    this.#awaitsKey = true;
  }

  #lose(entry: Entry, lost: Set<Entry>): void {
    lost.add(entry);
    this.#byteCount -= entry.frame.body.length;
  }

  /** A sequence header goes when a newer one follows and no frame between the two needs it. */
  #dropSuperseded(): void {
    for (let at = this.#entries.length - 1; at > 0; at--) {
      const entry = this.#entries[at];
      if (entry === undefined || !isPinned(entry.frame)) continue;
      while (this.#replaceLast(at)) at -= 1;
    }
  }

  /** Drops the header before the one at `index`, unless a frame between needs it. True if it went. */
  #replaceLast(index: number): boolean {
    const kind = this.#entries[index]?.frame.kind;
    for (let at = index - 1; at >= 0; at--) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.frame.kind !== kind) continue;
      if (!isPinned(entry.frame)) return false;
      this.#byteCount -= entry.frame.body.length;
      this.#entries.splice(at, 1);
      return true;
    }
    return false;
  }

  /** Forgets what waits, as nobody wants it any more, and begins anew: with a key frame. */
  clear(): void {
    this.#entries = [];
    this.#byteCount = 0;
    this.#awaitsKey = true;
    this.#hadKey = false;
    this.#awaitsKeySinceMs = undefined;
  }

  /** Drops sound that came before `beforeMs`. */
  dropSoundBefore(beforeMs: number): void {
    const entries = this.#entries;
    this.#entries = entries.filter(({ frame, queuedMs }) => {
      if (frame.kind !== "audio" || isPinned(frame) || queuedMs >= beforeMs) return true;
      this.#byteCount -= frame.body.length;
      return false;
    });
    this.#droppedCount += entries.length - this.#entries.length;
  }

  #isOver(nowMs: number): boolean {
    if (this.#byteCount > this.limits.maxBytes || this.#entries.length > MAX_FRAMES) return true;
    const oldest = this.#entries.find((entry) => !isPinned(entry.frame));
    return oldest !== undefined && nowMs - oldest.queuedMs > this.limits.maxAgeMs;
  }
}

/** Each kind has one such role. */
function isPinned(frame: Frame): boolean {
  return frame.role === "config" || frame.role === "metadata";
}
