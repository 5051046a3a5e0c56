import { Stream, type StreamOptions } from "./stream.ts";

/** All live streams by key. */
export class StreamRegistry {
  readonly #streams = new Map<string, Stream>();

  constructor(readonly options: StreamOptions) {}

  get(key: string): Stream | undefined {
    return this.#streams.get(key);
  }

  /** The stream of that key, made on demand; it goes by itself once nobody needs it. */
  open(key: string): Stream {
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const stream = new Stream(key, this.options, () => {
      if (this.#streams.get(key) === stream) this.#streams.delete(key);
    });
    this.#streams.set(key, stream);
    return stream;
  }

  list(): Stream[] {
    return [...this.#streams.values()];
  }

  closeAll(): void {
    for (const stream of this.list()) stream.close();
  }
}
