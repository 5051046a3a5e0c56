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
  /** It is called once in each packet time, whatever comes or is sent. */
  readonly onBeat: (nowMs: number) => void;
};

/** Where the sound of each packet comes from: exactly one packet's payload, of the agreed codec and packet time. */
export interface SoundSource {
  pull(nowMs: number): Uint8Array;
}

/** The sound of one telephone on its ports. */
export interface RtpSession {
  /** When the newest packet came; undefined before the first. */
  readonly lastReceivedAtMs: number | undefined;
  readonly counters: RtpCounters;
  /** Undefined: silence. */
  setSource(source: SoundSource | undefined): void;
  /** Returns how many were taken. */
  sendDigits(digits: string): number;
  /** Goes on with what a new offer and answer agreed on. */
  update(audio: AgreedAudio): void;
  /** To be called with the BYE. Sends silence from now on. */
  keepAwake(): void;
  /** To be called when the BYE is answered. Sends silence for a while, then frees the ports. */
  finish(): Promise<void>;
}

export type RtpCounters = {
  readonly sentPackets: number;
  readonly receivedPackets: number;
  readonly lostPackets: number;
  readonly jitterMs: number;
  /** Packets of another source than the one that is heard. */
  readonly foreignPackets: number;
  /** Packets that are no RTP, are too long, or have a payload type that nobody agreed on. */
  readonly badPackets: number;
  /** What of sentPackets the system did not take: no room, or no way to the address. */
  readonly unsentPackets: number;
  /** What the far end reports; undefined before its first report. */
  readonly far: { readonly lostCount: number; readonly roundTripMs: number | undefined } | undefined;
};
