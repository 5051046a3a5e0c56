import { expectPeerFault } from "../../../errors.ts";
import type { Logger } from "../../../log.ts";
import type { EncodedCodec } from "../../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../../audio/coding/coded-audio.ts";
import type { SoundListener } from "../sound-tap.ts";
import type { Speech } from "../stream-speech.ts";
import { FromTelephone } from "./from-telephone.ts";
import { rateOf, type TelephoneCodec, type TelephonePacket } from "./telephone-packet.ts";
import { ToTelephone, type ToTelephoneOptions } from "./to-telephone.ts";

/** The streams of a call, as far as a telephone's sound goes; undefined where it hears nothing or is not heard. */
export type VoiceStreams = {
  readonly heard: { listen(listener: SoundListener): unknown } | undefined;
  readonly spoken: { readonly heardCodec: EncodedCodec; speak(from: string): Speech } | undefined;
};

/** What adds up on the way to the telephone, over all codecs of a call: milliseconds of sound, and frames of the app. */
type Counted = {
  readonly concealedMs: number;
  readonly shortenedMs: number;
  readonly lengthenedMs: number;
  readonly droppedMs: number;
  readonly lateFrames: number;
  readonly damagedFrames: number;
};

/** Counters of the sound both ways, without what RTP counts itself. */
type VoiceCounters = Counted & {
  /** How much faster the app's clock is than ours, in millionths, as measured last. */
  readonly driftPpm: number;
  /** Packets from the telephone that came too late to be heard. */
  readonly latePackets: number;
};

type VoiceOptions = {
  readonly audio: ToTelephoneOptions;
  readonly streams: VoiceStreams;
  /** Names the telephone as a publisher. */
  readonly from: string;
  readonly nowMs: () => number;
  readonly log: Logger;
};

type Speaking = {
  readonly codec: EncodedCodec;
  readonly fromTelephone: FromTelephone;
  readonly speech: Speech;
};

/** An app that sends another bad header all the time would fill the log. */
const MAX_LOGGED_REFUSALS = 5;
/** A telephone that changed the rate with each packet would cost an encoder each time. */
const CODEC_CHANGE_MS = 100;

/** What a telephone hears and says: RTP payloads on one side, the streams of a call on the other. */
export class Voice implements SoundListener {
  readonly #options: VoiceOptions;
  #audio: ToTelephoneOptions;
  /** What the telephone speaks in: it may change to another agreed codec as it likes. */
  #spokenCodec: TelephoneCodec;
  /** Of the newest packet at that codec's rate. */
  #spokenAtMs = Number.NEGATIVE_INFINITY;
  #toTelephone: ToTelephone;
  /** A decoder that is made in mid-stream needs it: players are told once. */
  #config: CodedAudio | undefined;
  #speaking: Speaking | undefined;
  #isOpen = false;
  #refusalCount = 0;
  /** The counts of what was spoken and played out before the present codec. */
  #earlierLateCount = 0;
  #earlierPlayout: Counted = {
    concealedMs: 0,
    shortenedMs: 0,
    lengthenedMs: 0,
    droppedMs: 0,
    lateFrames: 0,
    damagedFrames: 0,
  };

  constructor(options: VoiceOptions) {
    this.#options = options;
    this.#audio = options.audio;
    this.#spokenCodec = options.audio.codec;
    this.#toTelephone = new ToTelephone(options.audio);
    options.streams.heard?.listen(this);
  }

  get counters(): VoiceCounters {
    return {
      ...this.#countPlayout(),
      driftPpm: Math.round(this.#toTelephone.playout.driftPpm),
      latePackets: this.#earlierLateCount + countLate(this.#speaking),
    };
  }

  /** From now on the telephone is heard. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#speak();
  }

  /** Goes on with what another offer and answer agreed on. */
  update(audio: ToTelephoneOptions): void {
    const { codec, ptimeMs } = this.#audio;
    this.#audio = audio;
    if (codec === audio.codec && ptimeMs === audio.ptimeMs) return;
    this.#earlierPlayout = this.#countPlayout();
    this.#toTelephone = new ToTelephone(audio);
    if (this.#config !== undefined) this.onSound(this.#config);
    if (codec !== audio.codec) this.#speakIn(audio.codec);
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

  /** Both may be given away without their object: RTP then calls them straight. */
  readonly onPacket = (packet: TelephonePacket, nowMs: number): void => {
    if (this.#speaking === undefined) return;
    const { payloadKind } = packet;
    if (payloadKind !== "CN" && payloadKind !== "other") this.#follow(payloadKind, nowMs);
    this.#speaking.fromTelephone.push(packet, nowMs);
  };

  /** The telephone's time goes on, whether or not packets come from it. */
  readonly onBeat = (nowMs: number): void => {
    if (this.#speaking !== undefined && this.#speaking.codec !== this.#options.streams.spoken?.heardCodec)
      this.#speak();
    this.#speaking?.fromTelephone.tick(nowMs);
  };

  pull(nowMs: number): Uint8Array {
    return this.#toTelephone.pull(nowMs);
  }

  /** It is heard no longer. */
  close(): void {
    this.#isOpen = false;
    this.#fallSilent();
  }

  /** Codecs of one rate share a line. Another line begins only where the one before has ended. */
  #follow(codec: TelephoneCodec, nowMs: number): void {
    if (rateOf(codec) === rateOf(this.#spokenCodec)) this.#spokenAtMs = nowMs;
    else if (nowMs - this.#spokenAtMs >= CODEC_CHANGE_MS) {
      this.#spokenAtMs = nowMs;
      this.#speakIn(codec);
    }
  }

  #speakIn(codec: TelephoneCodec): void {
    this.#spokenCodec = codec;
    this.#speak();
  }

  /** Speaks in the codec that players want, so that nothing is coded twice. */
  #speak(): void {
    const { streams, from } = this.#options;
    if (!this.#isOpen || streams.spoken === undefined) return;
    this.#fallSilent();
    const codec = streams.spoken.heardCodec;
    const speech = streams.spoken.speak(from);
    const fromTelephone = new FromTelephone({
      telephoneCodec: this.#spokenCodec,
      target: { codec },
      onCoded: (coded) => speech.push(codec, coded),
    });
    this.#speaking = { codec, speech, fromTelephone };
  }

  #fallSilent(): void {
    this.#earlierLateCount += countLate(this.#speaking);
    this.#speaking?.speech.end();
    this.#speaking = undefined;
  }

  #countPlayout(): Counted {
    const { playout, damagedCount } = this.#toTelephone;
    const earlier = this.#earlierPlayout;
    return {
      concealedMs: earlier.concealedMs + playout.concealedMs,
      shortenedMs: earlier.shortenedMs + playout.shortenedMs,
      lengthenedMs: earlier.lengthenedMs + playout.lengthenedMs,
      droppedMs: earlier.droppedMs + playout.droppedMs,
      lateFrames: earlier.lateFrames + playout.lateFrames,
      damagedFrames: earlier.damagedFrames + damagedCount,
    };
  }
}

function countLate(speaking: Speaking | undefined): number {
  const { late = 0, tooLate = 0 } = speaking?.fromTelephone.counters ?? {};
  return late + tooLate;
}
