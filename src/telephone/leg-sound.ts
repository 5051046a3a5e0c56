import type { LegMedia, LegStreams } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { Voice } from "../media/sound/telephone/voice.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";
import type { RtpPorts, RtpSession } from "./rtp-port.ts";

export type LegSoundOptions = {
  readonly ports: RtpPorts;
  readonly streams: LegStreams;
  /** The host that its SIP comes from; it names the telephone as a publisher, too. */
  readonly from: string;
  readonly onDigit: (digit: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The sound of a telephone's leg, from the first agreement to the last packet: RTP joined with the streams of a call. */
export class LegSound {
  readonly #voice: Voice;
  readonly #session: RtpSession;
  readonly #log: Logger;
  #audio: AgreedAudio;

  constructor(audio: AgreedAudio, { ports, streams, from, onDigit, clock, log }: LegSoundOptions) {
    const voice = new Voice({ audio, streams, from, nowMs: () => clock.nowMs(), log });
    this.#voice = voice;
    this.#audio = audio;
    this.#log = log;
    const listener = { onPacket: voice.onPacket, onBeat: voice.onBeat, onDigit };
    this.#session = ports.start(audio, from, listener, log);
    this.#session.setSource(voice);
    log.info("telephone.media", { codec: audio.codec, ptimeMs: audio.ptimeMs, rtpPort: ports.rtpPort });
  }

  get media(): LegMedia {
    const { far, ...counters } = this.#session.counters;
    return {
      codec: this.#audio.codec,
      ...this.#voice.counters,
      ...counters,
      lostPacketsThere: far?.lostCount,
      roundTripMs: far?.roundTripMs,
    };
  }

  /** Undefined before the first packet. */
  get lastReceivedAtMs(): number | undefined {
    return this.#session.lastReceivedAtMs;
  }

  get takesTelephoneEvents(): boolean {
    return this.#audio.telephoneEvent !== undefined;
  }

  /** From now on the telephone is heard in its stream. */
  open(): void {
    this.#voice.open();
  }

  /** Returns how many were taken. */
  sendDigits(digits: string): number {
    return this.#session.sendDigits(digits);
  }

  /** Goes on with what another offer and answer agreed on. */
  update(audio: AgreedAudio): void {
    const before = this.#audio;
    this.#audio = audio;
    if (before.direction !== audio.direction || before.codec !== audio.codec) {
      this.#log.info("telephone.media-changed", { direction: audio.direction, codec: audio.codec });
    }
    this.#voice.update(audio);
    this.#session.update(audio);
  }

  /** To be called with the BYE. */
  end(): void {
    this.#session.keepAwake();
    this.#voice.close();
  }

  /** To be called when the BYE is answered. Resolves when the ports are free. */
  finish(): Promise<void> {
    return this.#session.finish();
  }
}
