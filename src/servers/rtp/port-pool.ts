import type { Clock } from "../../clock.ts";

export type PortPoolOptions = {
  /** The range, both included; RTP has the even ports, RTCP the odd one above each. */
  readonly first: number;
  readonly last: number;
  readonly clock: Pick<Clock, "nowMs">;
  /** From 0 to below `limit`. */
  readonly chance: (limit: number) => number;
};

/** What is still on its way to the call before must not reach the next. */
const REST_MS = 5000;

type FreePort = { readonly port: number; readonly restedAtMs: number };

/** Even ports, the longest unused first, in an order that nobody can guess. */
export class PortPool {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #free: FreePort[] = [];
  readonly #taken = new Set<number>();

  constructor({ first, last, clock, chance }: PortPoolOptions) {
    this.#clock = clock;
    for (let port = first + (first % 2); port < last; port += 2) {
      this.#free.push({ port, restedAtMs: Number.NEGATIVE_INFINITY });
    }
    shuffle(this.#free, chance);
  }

  get takenCount(): number {
    return this.#taken.size;
  }

  /** All of them, taken or not. */
  get size(): number {
    return this.#free.length + this.#taken.size;
  }

  /** Undefined when all are taken or at rest. */
  take(): number | undefined {
    const [next] = this.#free;
    if (next === undefined || next.restedAtMs > this.#clock.nowMs()) return undefined;
    this.#free.shift();
    this.#taken.add(next.port);
    return next.port;
  }

  /** Twice is once. */
  give(port: number): void {
    if (!this.#taken.delete(port)) return;
    this.#free.push({ port, restedAtMs: this.#clock.nowMs() + REST_MS });
  }
}

function shuffle(ports: FreePort[], chance: (limit: number) => number): void {
  for (let index = ports.length - 1; index > 0; index--) {
    const [drawn] = ports.splice(chance(index + 1), 1);
    if (drawn !== undefined) ports.push(drawn);
  }
}
