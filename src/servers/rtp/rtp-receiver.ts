import { expectPeerFault } from "../../errors.ts";
import type { TelephonePacket } from "../../media/sound/telephone/telephone-packet.ts";
import { DigitReceiver } from "../../protocols/rtp/digit-receiver.ts";
import { createRtpHeader, decodeRtp } from "../../protocols/rtp/packet.ts";
import { ReceptionStatistics } from "../../protocols/rtp/reception-statistics.ts";
import { type AgreedAudio, CLOCK_RATES, type RtpKind } from "../../protocols/sdp/agreement.ts";
import type { RtpListener } from "../../telephone/rtp-port.ts";

export type ReceiveFormat = Pick<AgreedAudio, "clockRate" | "receivable">;

/** 300 ms of sound: five times what anybody negotiates. */
const MAX_PAYLOAD_BYTES: Readonly<Record<RtpKind, number>> = {
  PCMA: 2400,
  PCMU: 2400,
  L16: 9600,
  CN: 2400,
  "TELEPHONE-EVENT": 2400,
};
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
  #receivable: ReceiveFormat["receivable"];
  /** Of the sound that came last. */
  #clockRate: number;
  /** All senders share one: some gateways send digits as another sender than the sound's, in turns with it. */
  readonly #digits = new DigitReceiver();
  #statistics: ReceptionStatistics | undefined;
  /** The counts of senders before the present one. */
  #earlierReceivedCount = 0;
  #earlierLostCount = 0;

  constructor({ receivable, clockRate }: ReceiveFormat, listener: Pick<RtpListener, "onPacket" | "onDigit">) {
    this.#receivable = receivable;
    this.#clockRate = clockRate;
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

  setFormat({ receivable, clockRate }: ReceiveFormat): void {
    this.#receivable = receivable;
    this.#clockRate = clockRate;
  }

  /** Whether it is RTP at all, with a payload type that was agreed. To be asked before `take`. */
  check(bytes: Uint8Array): boolean {
    try {
      decodeRtp(bytes, this.#header);
    } catch (thrown) {
      expectPeerFault(thrown);
      return false;
    }
    return this.#kindOf(this.#header.payloadType) !== undefined;
  }

  get ssrc(): number {
    return this.#header.ssrc;
  }

  /** Hands on the packet that `check` has just found good. False for one that is too long or broken inside. */
  take(bytes: Uint8Array, nowMs: number): boolean {
    const { sequenceNumber, rtpTimestamp, ssrc, payloadType, payloadStart, payloadEnd } = this.#header;
    const kind = this.#kindOf(payloadType);
    const byteCount = payloadEnd - payloadStart;
    if (kind === undefined || byteCount > MAX_PAYLOAD_BYTES[kind]) return false;
    if (kind !== "CN" && kind !== "TELEPHONE-EVENT") this.#clockRate = CLOCK_RATES[kind];
    this.#receiveStatistics(sequenceNumber, rtpTimestamp, ssrc, nowMs);
    const packet = this.#packet;
    packet.sequenceNumber = sequenceNumber;
    packet.rtpTimestamp = rtpTimestamp;
    packet.ssrc = ssrc;
    packet.payload = bytes.subarray(payloadStart, payloadEnd);
    packet.payloadKind = kind === "TELEPHONE-EVENT" ? "other" : kind;
    const isGood = kind !== "TELEPHONE-EVENT" || this.#takeDigit(packet.payload);
    this.#listener.onPacket(packet, nowMs);
    return isGood;
  }

  #takeDigit(payload: Uint8Array): boolean {
    const { sequenceNumber, marker, rtpTimestamp } = this.#header;
    try {
      const digit = this.#digits.receive({ sequenceNumber, marker, rtpTimestamp, payload });
      if (digit !== undefined) this.#listener.onDigit(digit);
      return true;
    } catch (thrown) {
      expectPeerFault(thrown);
      return false;
    }
  }

  #receiveStatistics(sequenceNumber: number, rtpTimestamp: number, ssrc: number, nowMs: number): void {
    const clockRate = this.#clockRate;
    if (this.#statistics?.ssrc !== ssrc || this.#statistics.clockRate !== clockRate) {
      this.#earlierReceivedCount = this.receivedCount;
      this.#earlierLostCount = this.lostCount;
      this.#statistics = new ReceptionStatistics(ssrc, clockRate);
    }
    this.#statistics.receive(sequenceNumber, rtpTimestamp, nowMs);
  }

  /** Undefined for what nobody agreed on. */
  #kindOf(payloadType: number): RtpKind | undefined {
    return this.#receivable.get(payloadType) ?? (payloadType === STATIC_CN ? "CN" : undefined);
  }
}
