import type { Clock, Timer } from "../../clock.ts";

/** Somebody whose work waits for a turn. */
export interface Waiter {
  /** Works one small piece off; true if more waits. Must not throw. */
  takeTurn(): boolean;
}

export type TurnsOptions = {
  /** So long the members work in one go, all together. */
  readonly turnMs: number;
  /** So long they rest after it; timers, sound and other sockets run meanwhile. */
  readonly restMs: number;
  /** How much of a peer's bytes is one piece at most. */
  readonly sliceBytes: number;
  /** What a piece is to cost: of a peer whose bytes are dearer it has fewer. Undefined: all have `sliceBytes`. */
  readonly pieceMs?: number;
};

/** However dear one piece was, the next turn comes after this time at the latest. */
const MAX_REST_MS = 50;

/** Whoever had more of the time than the others for long need not wait for longer than this. */
const MOST_AHEAD_MS = 20;

/** So many who have left are kept in the list before it is tidied. */
const STALE_COUNT = 1_000;

/**
 * One turn that many sockets share: however many they are, and whatever they send, together they take no more time than
 * it gives. Who finds the turn used up waits. Of those who have just come the newest is served first, since under a flood
 * the oldest has waited in vain already; who has more after its piece waits in a circle. Each of the two gets half of the time
 * if it needs that much: many whose pieces are small are not kept waiting by few whose pieces are dear.
 */
export class Turns {
  readonly #waiting = new Set<Waiter>();
  /** The newest at the end; who has left since is in it still. */
  #fresh: Waiter[] = [];
  readonly #circle = new Set<Waiter>();
  /** How much more of the time the circle had than those who have just come. */
  #circleAheadMs = 0;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #spentMs = 0;
  #next: Timer | undefined;

  constructor(
    readonly clock: Clock,
    readonly options: TurnsOptions,
  ) {}

  /** Does the piece now, if there is time left in this turn and nobody came before; false, and nothing done, otherwise. */
  run(piece: () => void): boolean {
    const startMs = this.clock.nowMs();
    if (this.#waiting.size > 0 || !this.#hasTime(startMs)) return false;
    piece();
    this.#spend(startMs);
    return true;
  }

  /** Its turn will come; waiting twice is the same as once. */
  wait(waiter: Waiter): void {
    if (this.#waiting.has(waiter)) return;
    this.#waiting.add(waiter);
    this.#fresh.push(waiter);
    const mostStale = this.#waiting.size + STALE_COUNT;
    if (this.#fresh.length > mostStale) this.#fresh = this.#fresh.filter((fresh) => this.#isFresh(fresh));
    this.#schedule();
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    this.#circle.delete(waiter);
    if (this.#waiting.size > 0) return;
    this.#next?.cancel();
    this.#next = undefined;
  }

  /** A turn that was not used up is over when it and its rest would have been. */
  #hasTime(nowMs: number): boolean {
    if (nowMs < this.#restsUntilMs) return false;
    const { turnMs, restMs } = this.options;
    if (nowMs - this.#startedAtMs < turnMs + restMs && this.#spentMs < turnMs) return true;
    this.#startedAtMs = nowMs;
    this.#spentMs = 0;
    return true;
  }

  /** Whoever took longer than the turn rests longer in proportion. */
  #spend(startMs: number): void {
    const nowMs = this.clock.nowMs();
    const { turnMs, restMs } = this.options;
    this.#spentMs += nowMs - startMs;
    if (this.#spentMs < turnMs) return;
    this.#restsUntilMs = nowMs + Math.min(MAX_REST_MS, (restMs * this.#spentMs) / turnMs);
  }

  #schedule(): void {
    if (this.#next !== undefined || this.#waiting.size === 0) return;
    const delayMs = Math.max(0, this.#restsUntilMs - this.clock.nowMs());
    this.#next = this.clock.after(delayMs, () => this.#takeTurn());
  }

  #takeTurn(): void {
    this.#next = undefined;
    for (let startMs = this.clock.nowMs(); this.#waiting.size > 0 && this.#hasTime(startMs); ) {
      const waiter = this.#choose();
      if (waiter === undefined) break;
      const sign = this.#circle.has(waiter) ? 1 : -1;
      this.leave(waiter);
      if (waiter.takeTurn()) {
        this.#waiting.add(waiter);
        this.#circle.add(waiter);
      }
      this.#spend(startMs);
      const aheadMs = this.#circleAheadMs + sign * (this.clock.nowMs() - startMs);
      this.#circleAheadMs = Math.max(-MOST_AHEAD_MS, Math.min(MOST_AHEAD_MS, aheadMs));
      startMs = this.clock.nowMs();
    }
    this.#schedule();
  }

  #choose(): Waiter | undefined {
    const [first] = this.#circle.values();
    if (this.#circleAheadMs <= 0 && first !== undefined) return first;
    for (let newest = this.#fresh.pop(); newest !== undefined; newest = this.#fresh.pop()) {
      if (this.#isFresh(newest)) return newest;
    }
    return first;
  }

  #isFresh(waiter: Waiter): boolean {
    return this.#waiting.has(waiter) && !this.#circle.has(waiter);
  }
}

/** A third of the time of the one thread, for all who have not shown yet who they are. */
const STRANGERS: TurnsOptions = { turnMs: 3, restMs: 6, sliceBytes: 2 * 1024 };
/** Telephone frames come one at a time and are far smaller than a piece. 16 KB of pictures cost little, of pings much. */
const MEDIA: TurnsOptions = { turnMs: 8, restMs: 1, sliceBytes: 16 * 1024, pieceMs: 1 };
/** Messages are small and dear. */
export const MESSAGES: TurnsOptions = { turnMs: 8, restMs: 1, sliceBytes: 2 * 1024 };

/** The turns of a whole gateway: all strangers share one; who is known shares one with those who send the like. */
export type Lanes = { readonly strangers: Turns; readonly media: Turns; readonly messages: Turns };

export function openLanes(clock: Clock): Lanes {
  return {
    strangers: new Turns(clock, STRANGERS),
    media: new Turns(clock, MEDIA),
    messages: new Turns(clock, MESSAGES),
  };
}
