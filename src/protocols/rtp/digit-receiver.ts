import { decodeTelephoneEvent, digitOfEvent, type TelephoneEvent } from "./telephone-event.ts";

export type DigitArrival = {
  readonly sequenceNumber: number;
  readonly marker: boolean;
  readonly rtpTimestamp: number;
  readonly payload: Uint8Array;
};

/** Packets of an older digit can come behind those of a newer one. */
const REMEMBERED_COUNT = 8;
/** Some senders give the repeated last packet the time at which they send it: up to 60 ms at 8,000 behind the end. */
const REPEATED_END_TICKS = 480;

/**
 * Reports each pressed digit once, at its first packet: what repeats it, ends it or comes late says nothing new, and
 * no packet of the many is missed when it is lost.
 */
export class DigitReceiver {
  /** Timestamp and event of the last digits. */
  readonly #starts = new Float64Array(REMEMBERED_COUNT).fill(-1);
  readonly #events = new Int16Array(REMEMBERED_COUNT).fill(-1);
  #nextStart = 0;
  #newestSequence: number | undefined;
  #event = -1;
  #timestamp = 0;
  #durationTicks = 0;
  #isEnded = true;

  /** The digit, when `arrival` is the first packet of one. Throws AppError `rtp.telephone-event-truncated`. */
  receive(arrival: DigitArrival): string | undefined {
    const arrived = decodeTelephoneEvent(arrival.payload);
    const isNewer = this.#isNewer(arrival.sequenceNumber);
    if (isNewer) this.#newestSequence = arrival.sequenceNumber;
    const { rtpTimestamp, marker } = arrival;
    const { event } = arrived;
    if (this.#isRemembered(rtpTimestamp, event) && !(isNewer && this.#isPressedAnew(arrived))) {
      if (rtpTimestamp === this.#timestamp && event === this.#event) this.#follow(arrived);
      return undefined;
    }
    const isSame = !marker && this.#continues(arrived, rtpTimestamp);
    this.#begin(arrived, rtpTimestamp);
    return isSame ? undefined : digitOfEvent(event);
  }

  #isNewer(sequenceNumber: number): boolean {
    return this.#newestSequence === undefined || (sequenceNumber - this.#newestSequence) << 16 > 0;
  }

  #isRemembered(rtpTimestamp: number, event: number): boolean {
    for (let i = 0; i < REMEMBERED_COUNT; i++) {
      if (this.#starts[i] === rtpTimestamp && this.#events[i] === event) return true;
    }
    return false;
  }

  /** A sender whose clock stands still while keys are pressed gives all of them one timestamp. */
  #isPressedAnew({ event, isEnd, durationTicks }: TelephoneEvent): boolean {
    return this.#isEnded && !isEnd && (event !== this.#event || durationTicks < this.#durationTicks);
  }

  #begin({ event, isEnd, durationTicks }: TelephoneEvent, rtpTimestamp: number): void {
    this.#starts[this.#nextStart] = rtpTimestamp;
    this.#events[this.#nextStart] = event;
    this.#nextStart = (this.#nextStart + 1) % REMEMBERED_COUNT;
    this.#event = event;
    this.#timestamp = rtpTimestamp;
    this.#durationTicks = durationTicks;
    this.#isEnded = isEnd;
  }

  #follow({ isEnd, durationTicks }: TelephoneEvent): void {
    this.#durationTicks = Math.max(this.#durationTicks, durationTicks);
    this.#isEnded ||= isEnd;
  }

  /**
   * A key held longer than a duration can say goes on in a new segment (RFC 4733, section 2.5.1.3), and some gateways
   * move the timestamp with every packet, or with the repeated last ones only: all begin no later than the sound known
   * so far ends, or hardly so.
   */
  #continues({ event, isEnd, durationTicks }: TelephoneEvent, rtpTimestamp: number): boolean {
    if (event !== this.#event) return false;
    const elapsedTicks = (rtpTimestamp - this.#timestamp) >>> 0;
    if (!this.#isEnded) return elapsedTicks <= this.#durationTicks;
    return isEnd && elapsedTicks <= Math.max(this.#durationTicks, durationTicks) + REPEATED_END_TICKS;
  }
}
