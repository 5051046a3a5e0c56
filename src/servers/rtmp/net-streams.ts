import { MAX_MESSAGE_STREAMS } from "./from-stream.ts";

/** The message streams of one connection (NetStreams, section 7.2.1.3): which there are, and what is done on them. */
export class NetStreams {
  readonly #ids = new Set<number>();
  /** Where something is published, and by which key the peer named it; undefined while nothing is. */
  published: { readonly streamId: number; readonly named: string | undefined } | undefined;
  /** Where something is played. */
  playedOn: number | undefined;

  /** The lowest id that is free, from 1 on; undefined if there are too many. */
  create(): number | undefined {
    for (let id = 1; id <= MAX_MESSAGE_STREAMS; id++) {
      if (this.#ids.has(id)) continue;
      this.#ids.add(id);
      return id;
    }
    return undefined;
  }

  has(streamId: number): boolean {
    return this.#ids.has(streamId);
  }

  isBusy(streamId: number): boolean {
    return this.published?.streamId === streamId || this.playedOn === streamId;
  }

  delete(streamId: number): void {
    this.#ids.delete(streamId);
  }
}
