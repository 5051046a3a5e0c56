import type { Logger } from "../log.ts";
import type { TelephonePacket } from "../media/sound/telephone/telephone-packet.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";

/** What a telephone's leg needs of RTP. */
export interface Rtp {
  /** Undefined when no ports can be had. */
  openPorts(): Promise<RtpPorts | undefined>;
}

/** Ports for one telephone: dispose them when no session comes of them. */
export interface RtpPorts extends Disposable {
  /** It stands in our SDP. */
  readonly rtpPort: number;
  /**
   * The session owns the ports from now on. The logger names the call.
   * @param peerHost where its SIP comes from: behind a NAT its sound does so, too, whatever the SDP says
   */
  start(audio: AgreedAudio, peerHost: string, listener: RtpListener, log: Logger): RtpSession;
}

export type RtpListener = {
  /** The packet is reused for the next. */
  readonly onPacket: (packet: TelephonePacket, nowMs: number) => void;
  readonly onDigit: (digit: string) => void;
  /** Once in each packet time, whatever comes or is sent. */
  readonly onBeat: (nowMs: number) => void;
};

/** Where the sound of each packet comes from: exactly one packet's payload, of the agreed codec and packet time. */
export interface SoundSource {
  pull(nowMs: number): Uint8Array;
}

/** The sound of one telephone on its ports. */
export interface RtpSession {
  /** Of the newest packet; undefined before the first. */
  readonly lastReceivedAtMs: number | undefined;
  readonly counters: RtpCounters;
  /** Undefined: silence. */
  setSource(source: SoundSource | undefined): void;
  /** Returns how many were taken. */
  sendDigits(digits: string): number;
  /** What a new offer and answer agreed on. */
  update(audio: AgreedAudio): void;
  /** With the BYE: sends silence from now on. */
  keepAwake(): void;
  /** When the BYE is answered: sends silence for a while, then frees the ports. */
  finish(): Promise<void>;
}

export type RtpCounters = {
  readonly sentPackets: number;
  readonly receivedPackets: number;
  readonly lostPackets: number;
  readonly jitterMs: number;
  /** Of another source than the one that is heard. */
  readonly foreignPackets: number;
  /** No RTP, of a payload type that nobody agreed on, or too long. */
  readonly badPackets: number;
  /** What the system had no room for. */
  readonly unsentPackets: number;
  /** What the far end reports; undefined before its first report. */
  readonly far: { readonly lostCount: number; readonly roundTripMs: number | undefined } | undefined;
};
