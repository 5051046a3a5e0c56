import { keepNewest } from "../bounded-map.ts";
import { networkOf, Throttle, type ThrottleOptions } from "./throttle.ts";

/** Of one address over all users, and of one user over all addresses: so many times as often as of both together. */
const TIMES_OF_ADDRESS = 4;
const TIMES_OF_USER = 10;
/** Beyond these, one try is let through in so long. */
const PACE_MS = 2_000;
const MAX_REMEMBERED = 10_000;

/**
 * Decides who may try a password. Failures are counted for each user from each address, so that nobody locks others out
 * who share one of the two. Whoever guesses over many users, or from many addresses, is slowed down; an address from
 * which the user has registered before is not.
 */
export class LoginThrottle {
  readonly #clock: ThrottleOptions["clock"];
  readonly #pairs: Throttle;
  readonly #addresses: Throttle;
  readonly #users: Throttle;
  /** Pairs that have been right, and when. */
  readonly #trusted = new Map<string, number>();
  /** When those who are slowed down tried last. */
  readonly #triedAtMs = new Map<string, number>();

  constructor(options: ThrottleOptions) {
    const { maxFailures } = options;
    this.#clock = options.clock;
    this.#pairs = new Throttle(options);
    this.#addresses = new Throttle({ ...options, maxFailures: TIMES_OF_ADDRESS * maxFailures });
    this.#users = new Throttle({ ...options, maxFailures: TIMES_OF_USER * maxFailures });
  }

  /** Counts as a failure until `succeed` or `withdraw`: many tries at once are no way around. */
  mayTry(user: string, address: string): boolean {
    const network = networkOf(address);
    const pair = pairOf(user, network);
    if (this.#pairs.isLocked(pair)) return false;
    if (!this.#trusted.has(pair)) {
      if (!this.#isInPace(this.#addresses, network) || !this.#isInPace(this.#users, user)) return false;
    }
    this.#pairs.fail(pair);
    return true;
  }

  /** Nobody could say whether the try was right: it does not count. */
  withdraw(user: string, address: string): void {
    this.#pairs.forgive(pairOf(user, networkOf(address)));
  }

  /** True when this failure brought a lock-out about. */
  fail(user: string, address: string): boolean {
    const network = networkOf(address);
    const isLockOut = [this.#addresses.fail(network), this.#users.fail(user)].includes(true);
    return isLockOut || this.#pairs.isLocked(pairOf(user, network));
  }

  /** What the address did to others, and others to the user, stays counted. */
  succeed(user: string, address: string): void {
    const pair = pairOf(user, networkOf(address));
    this.#pairs.succeed(pair);
    keepNewest(this.#trusted, pair, this.#clock.nowMs(), MAX_REMEMBERED);
  }

  #isInPace(throttle: Throttle, name: string): boolean {
    if (!throttle.isLocked(name)) {
      this.#triedAtMs.delete(name);
      return true;
    }
    const nowMs = this.#clock.nowMs();
    if (nowMs - (this.#triedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < PACE_MS) return false;
    keepNewest(this.#triedAtMs, name, nowMs, MAX_REMEMBERED);
    return true;
  }
}

/** No name of a network has a space. */
function pairOf(user: string, network: string): string {
  return `${network} ${user}`;
}
