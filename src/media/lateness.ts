/** What happened longer ago than this hardly counts. */
const MEMORY_MS = 500;

/** How late something comes of late that is due at regular times. One long pause counts little, many short ones much. */
export class Lateness {
  #averageMs = 0;

  get averageMs(): number {
    return this.#averageMs;
  }

  /** @param periodMs since the time before at which it was due */
  note(lateMs: number, periodMs: number): void {
    this.#averageMs += (Math.max(0, lateMs) - this.#averageMs) * Math.min(1, periodMs / MEMORY_MS);
  }

  forget(): void {
    this.#averageMs = 0;
  }
}
