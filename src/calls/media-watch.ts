import type { Side } from "./machine.ts";
import type { CallStream } from "./ports.ts";

export type MediaTimes = { readonly lostMs: number; readonly timeoutMs: number };
export type MediaChange = { readonly side: Side; readonly event: "media_lost" | "media_restored" };

export type WatchedStream = { readonly side: Side; readonly stream: CallStream };

type Watched = WatchedStream & { isLost: boolean };

/** Notices streams of a connected call that stop and come back. Looks only when it is asked. */
export class MediaWatch {
  readonly #streams: readonly Watched[];

  /** `needsFirstFrame`: a stream counts only from its first frame, since it may flow where we can't see it. */
  constructor(
    streams: readonly WatchedStream[],
    readonly sinceMs: number,
    readonly times: MediaTimes,
    readonly needsFirstFrame: boolean,
  ) {
    this.#streams = streams.map((watched) => ({ ...watched, isLost: false }));
  }

  check(nowMs: number): { changes: MediaChange[]; isTimedOut: boolean } {
    const changes: MediaChange[] = [];
    let isTimedOut = false;
    for (const watched of this.#streams) {
      const silentMs = nowMs - this.#lastSignMs(watched.stream, nowMs);
      const isLost = silentMs >= this.times.lostMs;
      if (isLost !== watched.isLost) {
        watched.isLost = isLost;
        changes.push({ side: watched.side, event: isLost ? "media_lost" : "media_restored" });
      }
      isTimedOut ||= silentMs >= this.times.timeoutMs;
    }
    return { changes, isTimedOut };
  }

  #lastSignMs(stream: CallStream, nowMs: number): number {
    const lastFrameMs = stream.lastFrameAtMs();
    if (lastFrameMs === undefined) return this.needsFirstFrame ? nowMs : this.sinceMs;
    return Math.max(lastFrameMs, this.sinceMs);
  }
}
