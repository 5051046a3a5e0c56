import { type SipPeer, sourceKey } from "./peer.ts";

/** Answered and not acknowledged: each costs sound and is sent again and again. A peer acknowledges within its round trip. */
const MAX_UNACKNOWLEDGED = 120;
/** Not acknowledged yet, of one caller that has acknowledged none before, and of all such callers. */
const MAX_UNKNOWN = 120;
const MAX_ALL_UNKNOWN = 300;
/** The callers longest unheard of are forgotten first. */
const MAX_REMEMBERED = 10_000;

type Opening = { readonly source: string; readonly isKnown: boolean; isAnswered: boolean };
type Counts = { open: number; answered: number };

/**
 * Counts the calls that a peer has begun and not acknowledged, so that no caller takes all places with INVITEs that it
 * forgets. A peer that acknowledged a call is known from then on.
 */
export class CallerLedger<Call extends object> {
  readonly #openings = new Map<Call, Opening>();
  readonly #counts = new Map<string, Counts>();
  readonly #known = new Set<string>();
  #unknownCount = 0;

  /** @param maxKnown of one known caller */
  constructor(readonly maxKnown: number) {}

  isKnown(peer: SipPeer): boolean {
    return this.#known.has(sourceKey(peer));
  }

  /** Whether the peer has to acknowledge before it may begin another call. */
  isFull(peer: SipPeer): boolean {
    const { open, answered } = this.#counts.get(sourceKey(peer)) ?? { open: 0, answered: 0 };
    if (answered >= MAX_UNACKNOWLEDGED) return true;
    if (this.isKnown(peer)) return open >= Math.max(MAX_UNKNOWN, this.maxKnown);
    return open >= MAX_UNKNOWN || this.#unknownCount >= MAX_ALL_UNKNOWN;
  }

  begin(call: Call, peer: SipPeer): void {
    const source = sourceKey(peer);
    const opening = { source, isKnown: this.isKnown(peer), isAnswered: false };
    this.#openings.set(call, opening);
    const counts = this.#counts.get(source) ?? { open: 0, answered: 0 };
    counts.open++;
    this.#counts.set(source, counts);
    if (!opening.isKnown) this.#unknownCount++;
  }

  answer(call: Call): void {
    const opening = this.#openings.get(call);
    const counts = opening && this.#counts.get(opening.source);
    if (opening === undefined || counts === undefined || opening.isAnswered) return;
    opening.isAnswered = true;
    counts.answered++;
  }

  /** The answer was acknowledged. */
  confirm(call: Call): void {
    const source = this.#openings.get(call)?.source;
    if (source === undefined) return;
    this.forget(call);
    this.#known.delete(source);
    this.#known.add(source);
    if (this.#known.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  /** The call is over. It may be unknown here. */
  forget(call: Call): void {
    const opening = this.#openings.get(call);
    const counts = opening && this.#counts.get(opening.source);
    if (opening === undefined || counts === undefined) return;
    this.#openings.delete(call);
    if (!opening.isKnown) this.#unknownCount--;
    if (opening.isAnswered) counts.answered--;
    counts.open--;
    if (counts.open === 0) this.#counts.delete(opening.source);
  }
}
