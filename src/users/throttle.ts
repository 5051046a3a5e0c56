import { plainAddress } from "../addresses.ts";
import { keepNewest } from "../bounded-map.ts";
import type { Clock } from "../clock.ts";

export type ThrottleOptions = {
  /** Failures in a row before a lock-out. */
  readonly maxFailures: number;
  /** How long a lock-out lasts, and after how long a failure is forgotten. */
  readonly lockoutMs: number;
  readonly clock: Pick<Clock, "nowMs">;
};

type Failures = { count: number; lastMs: number };

const MAX_ENTRIES = 10_000;

/** Counts failed registrations by name, without a timer; the longest untouched is forgotten first. */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #failures = new Map<string, Failures>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#failures.size;
  }

  isLocked(name: string): boolean {
    return (this.#recent(name)?.count ?? 0) >= this.#options.maxFailures;
  }

  /** True when this failure brought the lock-out about. */
  fail(name: string): boolean {
    const count = (this.#recent(name)?.count ?? 0) + 1;
    keepNewest(this.#failures, name, { count, lastMs: this.#options.clock.nowMs() }, MAX_ENTRIES);
    return count === this.#options.maxFailures;
  }

  /** Takes one failure back. */
  forgive(name: string): void {
    const failures = this.#recent(name);
    if (failures === undefined) return;
    failures.count -= 1;
    if (failures.count === 0) this.#failures.delete(name);
  }

  succeed(name: string): void {
    this.#failures.delete(name);
  }

  #recent(name: string): Failures | undefined {
    const failures = this.#failures.get(name);
    if (failures === undefined) return undefined;
    if (this.#options.clock.nowMs() - failures.lastMs < this.#options.lockoutMs) return failures;
    this.#failures.delete(name);
    return undefined;
  }
}

/** What is counted together: an IPv4 address, or the /64 that one IPv6 subscriber commands. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}
