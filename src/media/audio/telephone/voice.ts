import { expectPeerFault } from "../../../errors.ts";
import type { Logger } from "../../../log.ts";
import type { SoundListener } from "../../sound/sound-tap.ts";
import type { Speech } from "../../sound/stream-speech.ts";
import type { EncodedCodec } from "../coding/audio-encoder.ts";
import type { CodedAudio } from "../coding/coded-audio.ts";
import { FromTelephone } from "./from-telephone.ts";
import type { TelephonePacket } from "./telephone-packet.ts";
import { ToTelephone, type ToTelephoneOptions } from "./to-telephone.ts";

/** The streams of a call, as far as a telephone's sound goes; undefined where it hears nothing or is not heard. */
export type VoiceStreams = {
  readonly heard: { listen(listener: SoundListener): void } | undefined;
  readonly spoken: { readonly heardCodec: EncodedCodec; speak(from: string): Speech } | undefined;
};

/** Of the sound both ways. Invented and left out on the way to the telephone, and what came too late from it. */
export type VoiceCounters = {
  readonly concealedMs: number;
  readonly shortenedMs: number;
  readonly droppedMs: number;
  readonly latePackets: number;
};

export type VoiceOptions = {
  readonly audio: ToTelephoneOptions;
  readonly streams: VoiceStreams;
  /** Names the telephone as a publisher. */
  readonly from: string;
  readonly nowMs: () => number;
  readonly log: Logger;
};

type SpeechLine = {
  readonly codec: EncodedCodec;
  readonly fromTelephone: FromTelephone;
  readonly speech: Speech;
};

/** An app that sends another bad header all the time would fill the log. */
const MAX_LOGGED_REFUSALS = 5;

/** What a telephone hears and says: RTP payloads on one side, the streams of a call on the other. */
export class Voice implements SoundListener {
  readonly #options: VoiceOptions;
  #audio: ToTelephoneOptions;
  #toTelephone: ToTelephone;
  /** A decoder that is made in mid-stream needs it: players are told once. */
  #config: CodedAudio | undefined;
  #line: SpeechLine | undefined;
  #isOpen = false;
  #refusalCount = 0;
  /** Of lines and playouts before the present ones. */
  #earlierLateCount = 0;
  #earlierPlayout = { concealedMs: 0, shortenedMs: 0, droppedMs: 0 };

  constructor(options: VoiceOptions) {
    this.#options = options;
    this.#audio = options.audio;
    this.#toTelephone = new ToTelephone(options.audio);
    options.streams.heard?.listen(this);
  }

  get counters(): VoiceCounters {
    return { ...this.#countPlayout(), latePackets: this.#earlierLateCount + countLate(this.#line) };
  }

  /** From now on the telephone is heard. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#openLine();
  }

  /** What another offer and answer agreed on. */
  update(audio: ToTelephoneOptions): void {
    const { codec, ptimeMs } = this.#audio;
    this.#audio = audio;
    if (codec === audio.codec && ptimeMs === audio.ptimeMs) return;
    this.#earlierPlayout = this.#countPlayout();
    this.#toTelephone = new ToTelephone(audio);
    if (this.#config !== undefined) this.onSound(this.#config);
    if (codec !== audio.codec) this.#openLine();
  }

  onSound(coded: CodedAudio): void {
    if (coded.role === "config") this.#config = { ...coded, data: coded.data.slice() };
    try {
      this.#toTelephone.push(coded, this.#options.nowMs());
    } catch (thrown) {
      const fault = expectPeerFault(thrown);
      this.#refusalCount += 1;
      if (this.#refusalCount > MAX_LOGGED_REFUSALS) return;
      this.#options.log.warn("telephone.sound-not-converted", {
        codec: coded.codec,
        reason: fault.message,
      });
    }
  }

  onPublisher(): void {
    this.#toTelephone.restart();
  }

  /** May be given away without its object: a packet then comes here from RTP straight away. */
  readonly onPacket = (packet: TelephonePacket, nowMs: number): void => {
    this.#line?.fromTelephone.push(packet, nowMs);
  };

  pull(nowMs: number): Uint8Array {
    if (this.#line !== undefined && this.#line.codec !== this.#options.streams.spoken?.heardCodec)
      this.#openLine();
    this.#line?.fromTelephone.tick(nowMs);
    return this.#toTelephone.pull(nowMs);
  }

  /** It is heard no longer. */
  close(): void {
    this.#isOpen = false;
    this.#closeLine();
  }

  /** In the very codec that players want, so that nothing is coded twice. */
  #openLine(): void {
    const { streams, from } = this.#options;
    if (!this.#isOpen || streams.spoken === undefined) return;
    this.#closeLine();
    const codec = streams.spoken.heardCodec;
    const speech = streams.spoken.speak(from);
    const fromTelephone = new FromTelephone({
      telephoneCodec: this.#audio.codec,
      target: { codec },
      onCoded: (coded) => speech.push(codec, coded),
    });
    this.#line = { codec, speech, fromTelephone };
  }

  #closeLine(): void {
    this.#earlierLateCount += countLate(this.#line);
    this.#line?.speech.end();
    this.#line = undefined;
  }

  #countPlayout() {
    const { concealedMs, shortenedMs, droppedMs } = this.#toTelephone.playout;
    const earlier = this.#earlierPlayout;
    return {
      concealedMs: earlier.concealedMs + concealedMs,
      shortenedMs: earlier.shortenedMs + shortenedMs,
      droppedMs: earlier.droppedMs + droppedMs,
    };
  }
}

function countLate(line: SpeechLine | undefined): number {
  const { late = 0, tooLate = 0 } = line?.fromTelephone.counters ?? {};
  return late + tooLate;
}
