import { decodeTelephoneEvent, digitOfEvent } from "./telephone-event.ts";

export type DigitArrival = {
  readonly marker: boolean;
  readonly rtpTimestamp: number;
  readonly payload: Uint8Array;
};

/** Packets of an older digit can come behind those of a newer one. */
const REMEMBERED_COUNT = 8;

/**
 * Reports each pressed digit once, at its first packet: what repeats it, ends it or comes late says nothing new, and
 * no packet of the many is missed when it is lost.
 */
export class DigitReceiver {
  readonly #starts = new Float64Array(REMEMBERED_COUNT).fill(-1);
  #nextStart = 0;
  #event = -1;
  #timestamp = 0;
  #durationTicks = 0;
  #isEnded = true;

  /** The digit, when `arrival` is the first packet of one. Throws AppError `rtp.telephone-event-truncated`. */
  receive({ marker, rtpTimestamp, payload }: DigitArrival): string | undefined {
    const { event, isEnd, durationTicks } = decodeTelephoneEvent(payload);
    if (this.#starts.includes(rtpTimestamp)) {
      if (rtpTimestamp === this.#timestamp) this.#follow(isEnd, durationTicks);
      return undefined;
    }
    const isSame = !marker && this.#continues(event, rtpTimestamp);
    this.#starts[this.#nextStart] = rtpTimestamp;
    this.#nextStart = (this.#nextStart + 1) % REMEMBERED_COUNT;
    this.#event = event;
    this.#timestamp = rtpTimestamp;
    this.#durationTicks = durationTicks;
    this.#isEnded = isEnd;
    return isSame ? undefined : digitOfEvent(event);
  }

  #follow(isEnd: boolean, durationTicks: number): void {
    this.#durationTicks = Math.max(this.#durationTicks, durationTicks);
    this.#isEnded ||= isEnd;
  }

  /**
   * A key held longer than a duration can say goes on in a new segment (RFC 4733, section 2.5.1.3), and some gateways
   * move the timestamp with every packet: both begin no later than the sound known so far ends.
   */
  #continues(event: number, rtpTimestamp: number): boolean {
    const elapsedTicks = (rtpTimestamp - this.#timestamp) >>> 0;
    return !this.#isEnded && event === this.#event && elapsedTicks <= this.#durationTicks;
  }
}
