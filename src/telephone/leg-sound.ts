import type { LegMedia } from "../calls/ports.ts";
import type { Logger } from "../log.ts";
import type { VoiceStreams } from "../media/sound/telephone/voice.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";

/** What makes the sound of telephones' legs, on this thread or on others. */
export interface LegSounds {
  /** Undefined when no ports can be had. */
  openPorts(): Promise<SoundPorts | undefined>;
}

/** Ports for one telephone: dispose them when no sound comes of them. */
export interface SoundPorts extends Disposable {
  /** It stands in our SDP. */
  readonly rtpPort: number;
  /** The sound owns the ports from now on. */
  start(audio: AgreedAudio, options: LegSoundOptions): LegSound;
}

export type LegSoundOptions = {
  readonly streams: VoiceStreams;
  /** The host that its SIP comes from, where its RTP may come from too. It also names the telephone as a publisher. */
  readonly from: string;
  readonly onDigit: (digit: string) => void;
  /** Nothing is heard or sent any more, by no fault of the call: end it. */
  readonly onLost: () => void;
  /** Names the call. */
  readonly log: Logger;
};

/** The sound of a telephone's leg, from the first agreement to the last packet. */
export interface LegSound {
  readonly media: LegMedia;
  /** When the newest packet came, some 100 ms late; undefined before the first. */
  readonly lastReceivedAtMs: number | undefined;
  readonly takesTelephoneEvents: boolean;
  /** From now on the telephone is heard in its stream. */
  open(): void;
  /** Presses keys for the telephone. What is not taken is logged. */
  sendDigits(digits: string): void;
  /** Goes on with what another offer and answer agreed on. */
  update(audio: AgreedAudio): void;
  /** To be called with the BYE. Sends silence from now on. */
  end(): void;
  /** To be called when the BYE is answered. Resolves when the ports are free. */
  finish(): Promise<void>;
}
