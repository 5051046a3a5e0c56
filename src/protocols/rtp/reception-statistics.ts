import { type NtpTime, toShortNtp } from "./ntp.ts";
import type { ReceptionReport } from "./rtcp.ts";

/** RFC 3550, appendix A.1. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
const MIN_SEQUENTIAL = 2;
const SEQUENCE_MODULUS = 65_536;
const MAX_CUMULATIVE_LOST = 0x7fffff;

/** What one sender's packets tell of the way they came: RFC 3550, appendix A.1 (sequence), A.3 (loss), A.8 (jitter). */
export class ReceptionStatistics {
  #isStarted = false;
  #probation = MIN_SEQUENTIAL;
  #highest = 0;
  #wrapTicks = 0;
  #base = 0;
  /** The sequence number that would confirm a restart of the sender. */
  #badSequence = SEQUENCE_MODULUS + 1;
  #received = 0;
  /** Before the sender began a new run of sequence numbers. */
  #earlierReceived = 0;
  #earlierLost = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transitTicks: number | undefined;
  #jitterTicks = 0;
  #lastSenderReport = 0;
  #lastSenderReportAtMs = 0;

  constructor(
    readonly ssrc: number,
    readonly clockRate: number,
  ) {}

  get receivedCount(): number {
    return this.#earlierReceived + this.#received;
  }

  get lostCount(): number {
    return (
      this.#earlierLost + (this.#isStarted && this.#probation === 0 ? this.#expected() - this.#received : 0)
    );
  }

  get jitterMs(): number {
    return (this.#jitterTicks * 1000) / this.clockRate;
  }

  /** Whether the packet belongs to the sender's run: not before two in a row, nor after a wild jump. */
  receive(sequenceNumber: number, rtpTimestamp: number, nowMs: number): boolean {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#restart(sequenceNumber);
      this.#highest = (sequenceNumber - 1) & 0xffff;
    }
    if (!this.#place(sequenceNumber)) return false;
    this.#measureJitter(rtpTimestamp, nowMs);
    return true;
  }

  noteSenderReport(ntp: NtpTime, nowMs: number): void {
    this.#lastSenderReport = toShortNtp(ntp);
    this.#lastSenderReportAtMs = nowMs;
  }

  /** The block for our next report; the fraction lost counts from the block before. */
  report(nowMs: number): ReceptionReport {
    const expected = this.#probation === 0 ? this.#expected() : 0;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const delayMs = this.#lastSenderReport === 0 ? 0 : nowMs - this.#lastSenderReportAtMs;
    return {
      ssrc: this.ssrc,
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.floor((lostNow * 256) / expectedNow) & 0xff,
      cumulativeLost: clamp(expected - this.#received),
      highestSequenceNumber: (this.#wrapTicks + this.#highest) >>> 0,
      jitterTicks: Math.floor(this.#jitterTicks),
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: Math.floor((delayMs * 65_536) / 1000) >>> 0,
    };
  }

  #restart(sequenceNumber: number): void {
    this.#base = sequenceNumber;
    this.#highest = sequenceNumber;
    this.#badSequence = SEQUENCE_MODULUS + 1;
    this.#wrapTicks = 0;
    this.#received = 0;
    this.#receivedBefore = 0;
    this.#expectedBefore = 0;
  }

  #expected(): number {
    return this.#wrapTicks + this.#highest - this.#base + 1;
  }

  #place(sequenceNumber: number): boolean {
    const ahead = (sequenceNumber - this.#highest) & 0xffff;
    if (this.#probation > 0) return this.#prove(sequenceNumber, ahead);
    if (ahead < MAX_DROPOUT) {
      if (sequenceNumber < this.#highest) this.#wrapTicks += SEQUENCE_MODULUS;
      this.#highest = sequenceNumber;
    } else if (ahead <= SEQUENCE_MODULUS - MAX_MISORDER) {
      if (sequenceNumber !== this.#badSequence) {
        this.#badSequence = (sequenceNumber + 1) & 0xffff;
        return false;
      }
      this.#earlierLost = this.lostCount;
      this.#earlierReceived += this.#received;
      this.#restart(sequenceNumber);
    }
    this.#received++;
    return true;
  }

  /** The next one, or an older one: some networks swap all packets in pairs. */
  #prove(sequenceNumber: number, ahead: number): boolean {
    const isOlder = ahead > SEQUENCE_MODULUS - MAX_MISORDER;
    this.#probation = ahead === 1 || isOlder ? this.#probation - 1 : MIN_SEQUENTIAL - 1;
    const newest = isOlder ? this.#highest : sequenceNumber;
    this.#highest = sequenceNumber;
    if (this.#probation > 0) return false;
    this.#restart(newest);
    this.#received++;
    return true;
  }

  #measureJitter(rtpTimestamp: number, nowMs: number): void {
    const arrivalTicks = Math.round((nowMs * this.clockRate) / 1000);
    const transitTicks = (arrivalTicks - rtpTimestamp) | 0;
    if (this.#transitTicks !== undefined) {
      const difference = Math.abs((transitTicks - this.#transitTicks) | 0);
      this.#jitterTicks += (difference - this.#jitterTicks) / 16;
    }
    this.#transitTicks = transitTicks;
  }
}

function clamp(lost: number): number {
  return Math.max(-MAX_CUMULATIVE_LOST - 1, Math.min(MAX_CUMULATIVE_LOST, lost));
}
