import { DigitSender } from "../../protocols/rtp/digit-sender.ts";
import { encodeRtpHeader, RTP_HEADER_BYTE_COUNT } from "../../protocols/rtp/packet.ts";
import type { AgreedAudio } from "../../protocols/sdp/agreement.ts";

export type SendFormat = Pick<AgreedAudio, "payloadType" | "clockRate" | "ptimeMs" | "telephoneEvent">;

/** Where a stream begins; random, as RFC 3550, section 5.1, asks. */
export type StreamStart = {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly rtpTimestamp: number;
};

/** Makes the packets of one stream, each `ptimeMs` after the one before. */
export class RtpSender {
  readonly ssrc: number;
  readonly format: SendFormat;
  readonly #packetTicks: number;
  readonly #digits: DigitSender;
  readonly #header: {
    payloadType: number;
    marker: boolean;
    sequenceNumber: number;
    rtpTimestamp: number;
    ssrc: number;
  };
  #sequenceNumber: number;
  #rtpTimestamp: number;
  #isAfterPause = true;
  #packetCount = 0;
  #octetCount = 0;
  #soundPacket: Uint8Array = new Uint8Array(RTP_HEADER_BYTE_COUNT);
  #digitPacket: Uint8Array = new Uint8Array(RTP_HEADER_BYTE_COUNT);

  constructor(format: SendFormat, { ssrc, sequenceNumber, rtpTimestamp }: StreamStart) {
    this.format = format;
    this.ssrc = ssrc;
    this.#sequenceNumber = sequenceNumber & 0xffff;
    this.#rtpTimestamp = rtpTimestamp >>> 0;
    this.#packetTicks = (format.ptimeMs * format.clockRate) / 1000;
    this.#digits = new DigitSender({ packetTicks: this.#packetTicks, clockRate: format.clockRate });
    this.#header = { payloadType: 0, marker: false, sequenceNumber: 0, rtpTimestamp: 0, ssrc };
  }

  get packetCount(): number {
    return this.#packetCount;
  }

  /** Bytes of payload. */
  get octetCount(): number {
    return this.#octetCount;
  }

  /** The RTP time of the next packet of sound. */
  get rtpTimestamp(): number {
    return this.#rtpTimestamp;
  }

  /** Queues `0-9*#A-D`; returns how many were taken, none if the peer takes no telephone events. */
  sendDigits(digits: string): number {
    return this.format.telephoneEvent === undefined ? 0 : this.#digits.send(digits);
  }

  /** Takes back what has not begun. */
  takeWaitingDigits(): string {
    return this.#digits.takeWaiting();
  }

  /** One packet with this sound, or with the digit under way instead. A view, valid until the next call. */
  next(sound: Uint8Array): Uint8Array {
    const rtpTimestamp = this.#rtpTimestamp;
    this.#rtpTimestamp = (rtpTimestamp + this.#packetTicks) >>> 0;
    const digit = this.#digits.next(rtpTimestamp);
    const { telephoneEvent, payloadType } = this.format;
    if (digit !== undefined && telephoneEvent !== undefined) {
      this.#digitPacket = fitted(this.#digitPacket, digit.payload);
      return this.#finish(this.#digitPacket, telephoneEvent, digit.marker, digit.rtpTimestamp, digit.payload);
    }
    this.#soundPacket = fitted(this.#soundPacket, sound);
    const marker = this.#isAfterPause;
    this.#isAfterPause = false;
    return this.#finish(this.#soundPacket, payloadType, marker, rtpTimestamp, sound);
  }

  /** Lets time pass without packets. */
  skip(packetCount: number): void {
    this.#rtpTimestamp = (this.#rtpTimestamp + packetCount * this.#packetTicks) >>> 0;
    this.#isAfterPause = true;
  }

  #finish(
    packet: Uint8Array,
    payloadType: number,
    marker: boolean,
    rtpTimestamp: number,
    payload: Uint8Array,
  ) {
    const header = this.#header;
    header.payloadType = payloadType;
    header.marker = marker;
    header.sequenceNumber = this.#sequenceNumber;
    header.rtpTimestamp = rtpTimestamp;
    encodeRtpHeader(header, packet);
    packet.set(payload, RTP_HEADER_BYTE_COUNT);
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#packetCount++;
    this.#octetCount += payload.length;
    return packet;
  }
}

/** All packets of sound have one length, so a buffer is made once. */
function fitted(packet: Uint8Array, payload: Uint8Array): Uint8Array {
  const length = RTP_HEADER_BYTE_COUNT + payload.length;
  return packet.length === length ? packet : new Uint8Array(length);
}
