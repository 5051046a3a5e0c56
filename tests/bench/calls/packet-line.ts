import { summarize } from "../statistics.ts";

const TICKS_PER_MS = 8;
const PACKET_TICKS = 160;

/** What one telephone was sent: each packet's lateness on the line of its RTP timestamps, and what is not there. */
export class PacketLine {
  /** Arrivals less their place on the line; the earliest is the line's own. */
  readonly #offsetsMs: number[] = [];
  #lost = 0;
  #leftOut = 0;
  #placeMs = 0;
  #last: { readonly sequenceNumber: number; readonly rtpTimestamp: number } | undefined;

  add(atMs: number, sequenceNumber: number, rtpTimestamp: number): void {
    if (this.#last !== undefined) {
      const steps = (sequenceNumber - this.#last.sequenceNumber) & 0xffff;
      const ticks = (rtpTimestamp - this.#last.rtpTimestamp) | 0;
      this.#placeMs += ticks / TICKS_PER_MS;
      if (steps > 0 && steps < 0x8000) {
        this.#lost += steps - 1;
        this.#leftOut += Math.max(0, Math.floor(ticks / PACKET_TICKS) - steps);
      }
    }
    this.#last = { sequenceNumber, rtpTimestamp };
    this.#offsetsMs.push(atMs - this.#placeMs);
  }

  finish(): { readonly latenessMs: readonly number[]; readonly lost: number; readonly leftOut: number } {
    const earliestMs = this.#offsetsMs.reduce((least, offset) => Math.min(least, offset), Infinity);
    const latenessMs = this.#offsetsMs.map((offset) => offset - earliestMs);
    return { latenessMs, lost: this.#lost, leftOut: this.#leftOut };
  }
}

/** From each mark's saying to the next hearing; what is later than `mostMs` belongs to another mark. */
export function matchMarks(saidMs: readonly number[], heardMs: readonly number[], mostMs: number): number[] {
  return heardMs.flatMap((heard) => {
    const said = saidMs.findLast((atMs) => atMs <= heard);
    return said === undefined || heard - said > mostMs ? [] : [heard - said];
  });
}

export function quantilesOf(values: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  const { p50Ms, p99Ms } = summarize(Float64Array.from(values));
  return { p50Ms, p99Ms };
}
