import { openPlayer, type Player, type PlayTarget } from "./player.ts";

/** Older than any fresh frame may be: it was under way, in TCP's hands, before the stop could be noticed. */
export const STALE_MS = 1_600;

export type VictimReport = {
  readonly target: PlayTarget;
  /** Age of the first frame after the stop; undefined when none came. */
  readonly firstAgeMs: number | undefined;
  readonly staleFrameCount: number;
  /** Age of the first frame younger than STALE_MS: the first that the server sent once it knew. */
  readonly freshAgeMs: number | undefined;
  /** From the end of the stop to the first frame younger than STALE_MS. */
  readonly freshAfterMs: number | undefined;
  /** The server closed the connection and the player came back. */
  readonly reconnects: number;
};

/** A player that loses touch for a while, and then says what it was given; like real players it reconnects at once. */
export class Victim {
  readonly #target: PlayTarget;
  readonly #key: string;
  #player: Player | undefined;
  #resumedAtMs: number | undefined;
  #firstAgeMs: number | undefined;
  #staleFrameCount = 0;
  #freshAgeMs: number | undefined;
  #freshAfterMs: number | undefined;
  #reconnects = 0;
  #done = false;

  constructor(target: PlayTarget, key: string) {
    this.#target = target;
    this.#key = key;
  }

  get localPort(): number {
    return this.#player?.localPort ?? 0;
  }

  async open(): Promise<void> {
    this.#player = await openPlayer(
      this.#target,
      this.#key,
      (ageMs) => this.#onFrame(ageMs),
      () => this.#onClose(),
    );
  }

  stopReading(): void {
    this.#player?.pause();
  }

  /** From now on frames count. */
  startCounting(): void {
    this.#resumedAtMs = performance.now();
    this.#player?.resume();
  }

  finish(): VictimReport {
    this.#done = true;
    this.#player?.close();
    return {
      target: this.#target,
      firstAgeMs: this.#firstAgeMs,
      staleFrameCount: this.#staleFrameCount,
      freshAgeMs: this.#freshAgeMs,
      freshAfterMs: this.#freshAfterMs,
      reconnects: this.#reconnects,
    };
  }

  #onFrame(ageMs: number): void {
    if (this.#resumedAtMs === undefined || this.#done) return;
    this.#firstAgeMs ??= ageMs;
    if (this.#freshAgeMs !== undefined) return;
    if (ageMs > STALE_MS) {
      this.#staleFrameCount++;
      return;
    }
    this.#freshAgeMs = ageMs;
    this.#freshAfterMs = performance.now() - this.#resumedAtMs;
  }

  #onClose(): void {
    if (this.#done) return;
    this.#reconnects++;
    void this.open().catch(() => undefined);
  }
}
