export type PortPoolOptions = {
  /** The range, both included; RTP has the even ports, RTCP the odd one above each. */
  readonly first: number;
  readonly last: number;
  /** From 0 to below `limit`. */
  readonly chance: (limit: number) => number;
};

/**
 * Even ports, in an order that nobody can guess. The longest unused is first, so that what is still on its way to the
 * call before hardly reaches the next.
 */
export class PortPool {
  readonly #free: number[] = [];
  readonly #taken = new Set<number>();

  constructor({ first, last, chance }: PortPoolOptions) {
    for (let port = first + (first % 2); port < last; port += 2) this.#free.push(port);
    shuffle(this.#free, chance);
  }

  get takenCount(): number {
    return this.#taken.size;
  }

  /** All of them, taken or not. */
  get size(): number {
    return this.#free.length + this.#taken.size;
  }

  /** Undefined when all are taken. */
  take(): number | undefined {
    const port = this.#free.shift();
    if (port !== undefined) this.#taken.add(port);
    return port;
  }

  /** Gives a port back. A second time does nothing. */
  give(port: number): void {
    if (this.#taken.delete(port)) this.#free.push(port);
  }
}

function shuffle(ports: number[], chance: (limit: number) => number): void {
  for (let index = ports.length - 1; index > 0; index--) {
    const [drawn] = ports.splice(chance(index + 1), 1);
    if (drawn !== undefined) ports.push(drawn);
  }
}
