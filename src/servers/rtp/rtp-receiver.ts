import { expectPeerFault } from "../../errors.ts";
import type { TelephonePacket } from "../../media/sound/telephone/telephone-packet.ts";
import { DigitReceiver } from "../../protocols/rtp/digit-receiver.ts";
import { createRtpHeader, decodeRtp } from "../../protocols/rtp/packet.ts";
import { ReceptionStatistics } from "../../protocols/rtp/reception-statistics.ts";
import type { AgreedAudio } from "../../protocols/sdp/agreement.ts";
import type { RtpListener } from "../../telephone/rtp-port.ts";

export type ReceiveFormat = Pick<
  AgreedAudio,
  "codec" | "payloadType" | "clockRate" | "telephoneEvent" | "comfortNoise"
>;

/** The most sound in one packet: five times what anybody negotiates. */
const MAX_PAYLOAD_MS = 300;
/** RFC 3551: comfort noise at 8,000, sent by some without being negotiated. */
const STATIC_CN = 13;

/** What a peer's packets are and how they come. */
export class RtpReceiver {
  readonly #header = createRtpHeader();
  readonly #packet: { -readonly [Name in keyof TelephonePacket]: TelephonePacket[Name] } = {
    sequenceNumber: 0,
    rtpTimestamp: 0,
    ssrc: 0,
    payloadKind: "other",
    payload: new Uint8Array(0),
  };
  readonly #listener: Pick<RtpListener, "onPacket" | "onDigit">;
  #format: ReceiveFormat;
  /** All senders share one: some gateways send digits as another sender than the sound's, in turns with it. */
  readonly #digits = new DigitReceiver();
  #statistics: ReceptionStatistics | undefined;
  /** The counts of senders before the present one. */
  #earlierReceivedCount = 0;
  #earlierLostCount = 0;

  constructor(format: ReceiveFormat, listener: Pick<RtpListener, "onPacket" | "onDigit">) {
    this.#format = format;
    this.#listener = listener;
  }

  /** The SSRC of the sender heard now; undefined before the first packet. */
  get statistics(): ReceptionStatistics | undefined {
    return this.#statistics;
  }

  get receivedCount(): number {
    return this.#earlierReceivedCount + (this.#statistics?.receivedCount ?? 0);
  }

  get lostCount(): number {
    return this.#earlierLostCount + (this.#statistics?.lostCount ?? 0);
  }

  setFormat(format: ReceiveFormat): void {
    this.#format = format;
  }

  /** Whether it is RTP at all, with a payload type that was agreed. To be asked before `take`. */
  check(bytes: Uint8Array): boolean {
    try {
      decodeRtp(bytes, this.#header);
    } catch (thrown) {
      expectPeerFault(thrown);
      return false;
    }
    return this.#isAgreed(this.#header.payloadType);
  }

  get ssrc(): number {
    return this.#header.ssrc;
  }

  /** Hands on the packet that `check` has just found good. False for one that is too long or broken inside. */
  take(bytes: Uint8Array, nowMs: number): boolean {
    const { sequenceNumber, rtpTimestamp, ssrc, payloadType, payloadStart, payloadEnd } = this.#header;
    if (payloadEnd - payloadStart > this.#maxPayloadBytes) return false;
    this.#receiveStatistics(sequenceNumber, rtpTimestamp, ssrc, nowMs);
    const packet = this.#packet;
    packet.sequenceNumber = sequenceNumber;
    packet.rtpTimestamp = rtpTimestamp;
    packet.ssrc = ssrc;
    packet.payload = bytes.subarray(payloadStart, payloadEnd);
    packet.payloadKind = this.#kindOf(payloadType);
    const isGood = payloadType !== this.#format.telephoneEvent || this.#takeDigit(packet.payload);
    this.#listener.onPacket(packet, nowMs);
    return isGood;
  }

  #takeDigit(payload: Uint8Array): boolean {
    const { marker, rtpTimestamp } = this.#header;
    try {
      const digit = this.#digits.receive({ marker, rtpTimestamp, payload });
      if (digit !== undefined) this.#listener.onDigit(digit);
      return true;
    } catch (thrown) {
      expectPeerFault(thrown);
      return false;
    }
  }

  #receiveStatistics(sequenceNumber: number, rtpTimestamp: number, ssrc: number, nowMs: number): void {
    const { clockRate } = this.#format;
    if (this.#statistics?.ssrc !== ssrc || this.#statistics.clockRate !== clockRate) {
      this.#earlierReceivedCount = this.receivedCount;
      this.#earlierLostCount = this.lostCount;
      this.#statistics = new ReceptionStatistics(ssrc, clockRate);
    }
    this.#statistics.receive(sequenceNumber, rtpTimestamp, nowMs);
  }

  get #maxPayloadBytes(): number {
    const { codec, clockRate } = this.#format;
    return ((MAX_PAYLOAD_MS * clockRate) / 1000) * (codec === "L16" ? 2 : 1);
  }

  #isAgreed(payloadType: number): boolean {
    const { payloadType: sound, telephoneEvent, comfortNoise } = this.#format;
    if (payloadType === sound || payloadType === telephoneEvent) return true;
    return payloadType === comfortNoise || payloadType === STATIC_CN;
  }

  #kindOf(payloadType: number): TelephonePacket["payloadKind"] {
    const { payloadType: sound, codec, comfortNoise } = this.#format;
    if (payloadType === sound) return codec;
    return payloadType === comfortNoise || payloadType === STATIC_CN ? "CN" : "other";
  }
}
