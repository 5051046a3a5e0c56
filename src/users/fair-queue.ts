export type FairQueueLimits = {
  /** Tasks that run. */
  readonly atOnce: number;
  /** Tasks that wait, of one key and of all. */
  readonly perKey: number;
  readonly inAll: number;
};

/** Runs a few tasks at once. Those that wait take turns by key, so that many of one key hold up nobody else. */
export class FairQueue {
  /** The key whose turn is next stands first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #waitingCount = 0;
  #runningCount = 0;

  constructor(readonly limits: FairQueueLimits) {}

  /** Undefined, and nothing is run, when too many wait. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> | undefined {
    if (this.#runningCount < this.limits.atOnce) {
      this.#runningCount++;
      return this.#finish(task);
    }
    const ofKey = this.#waiting.get(key) ?? [];
    if (ofKey.length >= this.limits.perKey || this.#waitingCount >= this.limits.inAll) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(key, ofKey);
    ofKey.push(resolve);
    this.#waitingCount++;
    return promise.then(() => this.#finish(task));
  }

  /** A task that ends gives its place to the next that waits. */
  async #finish<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } finally {
      const start = this.#takeNext();
      if (start === undefined) this.#runningCount--;
      else start();
    }
  }

  #takeNext(): (() => void) | undefined {
    const [key, ofKey] = this.#waiting.entries().next().value ?? [];
    if (key === undefined || ofKey === undefined) return undefined;
    this.#waiting.delete(key);
    const start = ofKey.shift();
    if (ofKey.length > 0) this.#waiting.set(key, ofKey);
    this.#waitingCount--;
    return start;
  }
}
