import type { LegMedia } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { Voice } from "../media/sound/telephone/voice.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";
import type { LegSound, LegSoundOptions, LegSounds, SoundPorts } from "./leg-sound.ts";
import type { Rtp, RtpPorts, RtpSession } from "./rtp-port.ts";

/** Makes the sound of legs on this thread. */
export class RtpSounds implements LegSounds {
  constructor(
    readonly rtp: Rtp,
    readonly clock: Clock,
  ) {}

  async openPorts(): Promise<SoundPorts | undefined> {
    const ports = await this.rtp.openPorts();
    return (
      ports && {
        rtpPort: ports.rtpPort,
        start: (audio, options) => new RtpSound(audio, ports, options, this.clock),
        [Symbol.dispose]: () => ports[Symbol.dispose](),
      }
    );
  }
}

/** RTP joined with the streams of a call. */
class RtpSound implements LegSound {
  readonly #voice: Voice;
  readonly #session: RtpSession;
  readonly #log: Logger;
  #audio: AgreedAudio;

  constructor(
    audio: AgreedAudio,
    ports: RtpPorts,
    { streams, from, onDigit, log }: LegSoundOptions,
    clock: Clock,
  ) {
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

  get lastReceivedAtMs(): number | undefined {
    return this.#session.lastReceivedAtMs;
  }

  get takesTelephoneEvents(): boolean {
    return this.#audio.telephoneEvent !== undefined;
  }

  open(): void {
    this.#voice.open();
  }

  sendDigits(digits: string): void {
    const taken = this.#session.sendDigits(digits);
    if (taken < digits.length) this.#log.warn("telephone.keys-not-sent", { have: digits.length, taken });
  }

  update(audio: AgreedAudio): void {
    const before = this.#audio;
    this.#audio = audio;
    if (before.direction !== audio.direction || before.codec !== audio.codec) {
      this.#log.info("telephone.media-changed", { direction: audio.direction, codec: audio.codec });
    }
    this.#voice.update(audio);
    this.#session.update(audio);
  }

  end(): void {
    this.#session.keepAwake();
    this.#voice.close();
  }

  finish(): Promise<void> {
    return this.#session.finish();
  }
}
