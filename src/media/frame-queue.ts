import type { Frame } from "./frame.ts";

type Entry = { readonly frame: Frame; readonly queuedMs: number };

export type FrameQueueLimits = {
  /** How old the oldest waiting frame may get. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
};

/**
 * Frames that wait for a slow reader. Too old or too many bytes: whole frames go, oldest first, and after a lost
 * video frame all video up to the next key frame. Sequence headers that a waiting or a
 * coming frame needs stay, and so does the newest metadata.
 */
export class FrameQueue {
  #entries: Entry[] = [];
  #byteCount = 0;
  #awaitsKey = true;
  #hadKey = false;
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
    if (this.#awaitsKey && this.#hadKey) this.#droppedCount += 1;
    return !this.#awaitsKey;
  }

  /** Takes a frame that was admitted. */
  push(frame: Frame, nowMs: number): void {
    this.#entries.push({ frame, queuedMs: nowMs });
    this.#byteCount += frame.body.length;
    if (isPinned(frame)) this.#dropSuperseded();
    this.trim(nowMs);
  }

  shift(): Frame | undefined {
    const entry = this.#entries.shift();
    if (entry === undefined) return undefined;
    this.#byteCount -= entry.frame.body.length;
    return entry.frame;
  }

  /** Drops what has grown too old; call it before sending after a pause. */
  trim(nowMs: number): void {
    while (this.#isOver(nowMs)) {
      const oldest = this.#entries.findIndex((entry) => !isPinned(entry.frame));
      if (oldest < 0) return;
      this.#dropAt(oldest);
      this.#dropSuperseded();
    }
  }

  /** A sequence header goes when a newer one follows and no frame between the two needs it. */
  #dropSuperseded(): void {
    const followed = new Set<Frame["kind"]>();
    const superseded = new Set<Entry>();
    for (const entry of this.#entries.toReversed()) {
      const { kind } = entry.frame;
      if (!isPinned(entry.frame)) followed.delete(kind);
      else if (followed.has(kind)) superseded.add(entry);
      else followed.add(kind);
    }
    if (superseded.size > 0) this.#remove((entry) => superseded.has(entry));
  }

  /** Forgets what waits, as nobody wants it any more, and begins anew: with a key frame. */
  clear(): void {
    this.#entries = [];
    this.#byteCount = 0;
    this.#awaitsKey = true;
    this.#hadKey = false;
  }

  /** Drops sound that came before `beforeMs`. */
  dropSoundBefore(beforeMs: number): void {
    this.#droppedCount += this.#remove(
      ({ frame, queuedMs }) => frame.kind === "audio" && !isPinned(frame) && queuedMs < beforeMs,
    );
  }

  #isOver(nowMs: number): boolean {
    if (this.#byteCount > this.limits.maxBytes) return true;
    const oldest = this.#entries.find((entry) => !isPinned(entry.frame));
    return oldest !== undefined && nowMs - oldest.queuedMs > this.limits.maxAgeMs;
  }

  #dropAt(index: number): void {
    const victim = this.#entries[index]?.frame;
    if (victim === undefined) return;
    if (victim.kind !== "video") {
      this.#droppedCount += this.#removeRange(index, index + 1);
      return;
    }
    const nextKey = this.#entries.findIndex((entry, at) => at > index && isVideoKey(entry.frame));
    if (nextKey < 0) this.#awaitsKey = true;
    const end = nextKey < 0 ? this.#entries.length : nextKey;
    this.#droppedCount += this.#remove(
      (entry, at) => at >= index && at < end && entry.frame.kind === "video" && !isPinned(entry.frame),
    );
  }

  #removeRange(start: number, end: number): number {
    return this.#remove((_, at) => at >= start && at < end);
  }

  #remove(matches: (entry: Entry, at: number) => boolean): number {
    const kept = this.#entries.filter((entry, at) => {
      if (!matches(entry, at)) return true;
      this.#byteCount -= entry.frame.body.length;
      return false;
    });
    const removed = this.#entries.length - kept.length;
    this.#entries = kept;
    return removed;
  }
}

/** Each kind has one such role. */
function isPinned(frame: Frame): boolean {
  return frame.role === "config" || frame.role === "metadata";
}

function isVideoKey(frame: Frame): boolean {
  return frame.kind === "video" && frame.role === "key";
}
