import {
  digitOfEvent,
  encodeTelephoneEvent,
  eventOfDigit,
  TELEPHONE_EVENT_BYTE_COUNT,
} from "./telephone-event.ts";

export type DigitSenderOptions = {
  /** Of one packet, at the clock of the telephone-event payload. */
  readonly packetTicks: number;
  readonly clockRate: number;
  readonly toneMs?: number;
  /** Of sound between two digits. */
  readonly pauseMs?: number;
};

/** What to send in place of one packet of sound. */
export type DigitPacket = {
  readonly marker: boolean;
  /** Of the digit's beginning, the same in all its packets. */
  readonly rtpTimestamp: number;
  /** Reused by the next call. */
  readonly payload: Uint8Array;
};

/** As FreeSWITCH sends, loud and long enough for every menu. */
const TONE_MS = 100;
const PAUSE_MS = 60;
const VOLUME = 10;
/** The last packet is sent three times, lest it be lost (RFC 4733, section 2.5.1.4). */
const END_PACKET_COUNT = 3;
const MAX_WAITING = 64;
const MAX_DURATION_TICKS = 0xffff;

/** Sends a row of digits as telephone events, one packet in place of each packet of sound while one is under way. */
export class DigitSender {
  readonly #payload = new Uint8Array(TELEPHONE_EVENT_BYTE_COUNT);
  readonly #packetTicks: number;
  readonly #toneTicks: number;
  readonly #pauseTicks: number;
  readonly #waiting: number[] = [];
  #event: number | undefined;
  #startTimestamp = 0;
  #durationTicks = 0;
  #endPacketsLeft = 0;
  #pauseLeftTicks = 0;

  constructor({ packetTicks, clockRate, toneMs = TONE_MS, pauseMs = PAUSE_MS }: DigitSenderOptions) {
    this.#packetTicks = packetTicks;
    this.#toneTicks = Math.min((toneMs * clockRate) / 1000, MAX_DURATION_TICKS);
    this.#pauseTicks = (pauseMs * clockRate) / 1000;
  }

  /** Whether digits are under way or waiting. */
  get isBusy(): boolean {
    return this.#event !== undefined || this.#waiting.length > 0;
  }

  /** Takes back what has not begun. */
  takeWaiting(): string {
    return this.#waiting.splice(0).map(digitOfEvent).join("");
  }

  /** Queues `0-9*#A-D`; returns how many were taken: what is no digit, or comes while 64 wait, is left. */
  send(digits: string): number {
    let taken = 0;
    for (const digit of digits) {
      const event = eventOfDigit(digit);
      if (event === undefined || this.#waiting.length >= MAX_WAITING) continue;
      this.#waiting.push(event);
      taken++;
    }
    return taken;
  }

  /** Call it once for each packet time, with the timestamp that the packet of sound would have; undefined: send that. */
  next(rtpTimestamp: number): DigitPacket | undefined {
    const marker = this.#event === undefined && this.#begin(rtpTimestamp);
    if (this.#event === undefined) return undefined;
    if (this.#endPacketsLeft === 0) this.#lengthen();
    const isEnd = this.#endPacketsLeft > 0;
    encodeTelephoneEvent(
      { event: this.#event, isEnd, volume: VOLUME, durationTicks: this.#durationTicks },
      this.#payload,
    );
    if (isEnd) this.#finishOne();
    return { marker, rtpTimestamp: this.#startTimestamp, payload: this.#payload };
  }

  #begin(rtpTimestamp: number): boolean {
    if (this.#pauseLeftTicks > 0) {
      this.#pauseLeftTicks -= this.#packetTicks;
      return false;
    }
    this.#event = this.#waiting.shift();
    this.#startTimestamp = rtpTimestamp;
    this.#durationTicks = 0;
    return this.#event !== undefined;
  }

  #lengthen(): void {
    this.#durationTicks = Math.min(this.#durationTicks + this.#packetTicks, MAX_DURATION_TICKS);
    if (this.#durationTicks >= this.#toneTicks) this.#endPacketsLeft = END_PACKET_COUNT;
  }

  #finishOne(): void {
    this.#endPacketsLeft--;
    if (this.#endPacketsLeft > 0) return;
    this.#event = undefined;
    this.#pauseLeftTicks = this.#pauseTicks;
  }
}
