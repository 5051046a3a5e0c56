import type { Clock, Timer } from "../../clock.ts";
import { networkOf } from "../../users/throttle.ts";

/** A connection's place. */
export interface Place {
  /** The peer has shown who it is, or has nothing any more that tells. */
  setKnown(isKnown: boolean): void;
  /** The connection is gone; twice is safe. */
  leave(): void;
}

export type PlacesOptions = {
  readonly most: number;
  /** So long a peer may take to show who it is. */
  readonly introduceMs: number;
  /** How many descriptors the process may have; undefined where that is not known. */
  readonly descriptors?: number | undefined;
  readonly clock: Clock;
};

/** Why a stranger must go: it took too long, or others came while there was no place left for strangers. */
export type Expulsion = "late" | "crowded";

type Member = {
  readonly network: string;
  readonly expel: (why: Expulsion) => void;
  sinceMs: number;
  state: "unknown" | "known" | "gone";
};

/** Of all places, what the strangers of one address may take. */
const SHARE_OF_ADDRESS = 20;
const LEAST_OF_ADDRESS = 8;
/** Of all descriptors, what the strangers of signaling, of media and of either API may take; the rest is for those who are known. */
const SHARE_OF_DESCRIPTORS = 6;

/**
 * The places for connections. Strangers get half of them, and no more than a sixth of the descriptors, those of one address
 * a twentieth; where there are more, the one that came first has to go. So nobody keeps out those who show who they are. A proxy has no share of
 * its own.
 */
export class Places implements Disposable {
  readonly #options: PlacesOptions;
  /** In the order of their coming. */
  readonly #unknown = new Set<Member>();
  readonly #byNetwork = new Map<string, Set<Member>>();
  #count = 0;
  #deadline: Timer | undefined;

  readonly #mostUnknown: number;

  constructor(options: PlacesOptions) {
    this.#options = options;
    const { most, descriptors = Number.POSITIVE_INFINITY } = options;
    const mostDescriptors = Math.max(LEAST_OF_ADDRESS, Math.floor(descriptors / SHARE_OF_DESCRIPTORS));
    this.#mostUnknown = Math.min(Math.ceil(most / 2), mostDescriptors);
  }

  get most(): number {
    return this.#options.most;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Undefined when every place is taken by somebody who is known. `expel` has to close the connection.
   * @param hasShare false for a proxy, whose address all behind it have
   */
  enter(address: string, expel: Member["expel"], hasShare: boolean): Place | undefined {
    const { most } = this.#options;
    const network = networkOf(address);
    const ofNetwork = this.#byNetwork.get(network);
    if (hasShare && ofNetwork !== undefined && ofNetwork.size >= shareOfAddress(most)) {
      this.#expelFirst(ofNetwork, "crowded");
    }
    if (this.#unknown.size >= this.#mostUnknown || this.#count >= most)
      this.#expelFirst(this.#unknown, "crowded");
    if (this.#count >= most) return undefined;
    const member: Member = { network, expel, sinceMs: 0, state: "gone" };
    this.#count += 1;
    this.#becomeUnknown(member);
    return {
      setKnown: (isKnown) => this.#setKnown(member, isKnown),
      leave: () => this.#leave(member),
    };
  }

  /** Makes room at need: so many strangers go, those that came first. */
  expelStrangers(count: number): void {
    const { size } = this.#unknown;
    for (let left = Math.min(count, size); left > 0; left--) this.#expelFirst(this.#unknown, "crowded");
  }

  [Symbol.dispose](): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
  }

  #setKnown(member: Member, isKnown: boolean): void {
    if (member.state === "gone" || isKnown === (member.state === "known")) return;
    if (!isKnown) {
      this.#becomeUnknown(member);
      return;
    }
    this.#forgetUnknown(member);
    member.state = "known";
  }

  #leave(member: Member): void {
    if (member.state === "gone") return;
    if (member.state === "unknown") this.#forgetUnknown(member);
    member.state = "gone";
    this.#count -= 1;
  }

  #becomeUnknown(member: Member): void {
    member.state = "unknown";
    member.sinceMs = this.#options.clock.nowMs();
    this.#unknown.add(member);
    const ofNetwork = this.#byNetwork.get(member.network) ?? new Set();
    this.#byNetwork.set(member.network, ofNetwork.add(member));
    this.#watchFirst();
  }

  #forgetUnknown(member: Member): void {
    this.#unknown.delete(member);
    const ofNetwork = this.#byNetwork.get(member.network);
    ofNetwork?.delete(member);
    if (ofNetwork?.size === 0) this.#byNetwork.delete(member.network);
    if (this.#unknown.size === 0) this[Symbol.dispose]();
  }

  #expelFirst(members: ReadonlySet<Member>, why: Expulsion): void {
    for (const member of members) {
      this.#leave(member);
      member.expel(why);
      return;
    }
  }

  /** All have the same time, so that the first that came is the first whose time is over. */
  #watchFirst(): void {
    const { clock, introduceMs } = this.#options;
    for (const { sinceMs } of this.#unknown) {
      const delayMs = Math.max(0, sinceMs + introduceMs - clock.nowMs());
      this.#deadline ??= clock.after(delayMs, () => this.#expelLate());
      return;
    }
  }

  #expelLate(): void {
    const { clock, introduceMs } = this.#options;
    this.#deadline = undefined;
    const nowMs = clock.nowMs();
    for (const { sinceMs } of this.#unknown) {
      if (nowMs - sinceMs < introduceMs) break;
      this.#expelFirst(this.#unknown, "late");
    }
    this.#watchFirst();
  }
}

function shareOfAddress(most: number): number {
  return Math.max(LEAST_OF_ADDRESS, Math.ceil(most / SHARE_OF_ADDRESS));
}
