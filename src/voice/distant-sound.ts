import type { LegMedia } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import { type CodedCodecName, SOUND_FORMATS } from "../codecs/codec-names.ts";
import type { Logger } from "../log.ts";
import type { CodedAudio } from "../media/audio/coding/coded-audio.ts";
import type { AudioCodec } from "../media/frame.ts";
import type { SoundListener } from "../media/sound/sound-tap.ts";
import type { Speech } from "../media/sound/stream-speech.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";
import type { LegSound, LegSoundOptions } from "../telephone/leg-sound.ts";
import type { LineMedia } from "./line-media.ts";
import type { FromThread, LineOrder } from "./messages.ts";
import type { SoundSign } from "./sound-pipe.ts";

/** How a line's sound is reached on its thread. */
export type LineWay = {
  readonly order: (order: DistributiveOmit<LineOrder, "line">) => void;
  /** Writes into the ring of what telephones hear. */
  readonly write: (sign: SoundSign, coded?: CodedAudio) => void;
  readonly media: LineMedia;
};

type DistributiveOmit<Union, Name extends PropertyKey> = Union extends unknown ? Omit<Union, Name> : never;

/** A leg's sound that is made on a voice thread, as the main thread sees it; here are the streams of its call. */
export class DistantSound implements LegSound, SoundListener {
  readonly #options: LegSoundOptions;
  readonly #way: LineWay;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #finished = Promise.withResolvers<void>();
  #audio: AgreedAudio;
  #spokenCodec: CodedCodecName | undefined;
  #speech: Speech | undefined;
  #isOver = false;

  constructor(audio: AgreedAudio, options: LegSoundOptions, way: LineWay, clock: Pick<Clock, "nowMs">) {
    const { heard, spoken } = options.streams;
    this.#options = options;
    this.#way = way;
    this.#clock = clock;
    this.#audio = audio;
    this.#spokenCodec = spoken?.heardCodec;
    const { from } = options;
    way.order({ do: "start", audio, from, hears: heard !== undefined, spokenCodec: this.#spokenCodec });
    heard?.listen(this);
  }

  get log(): Logger {
    return this.#options.log;
  }

  get media(): LegMedia {
    return { codec: this.#audio.codec, ...this.#way.media.read() };
  }

  get lastReceivedAtMs(): number | undefined {
    const { silentMs } = this.#way.media;
    return silentMs === undefined ? undefined : this.#clock.nowMs() - silentMs;
  }

  get takesTelephoneEvents(): boolean {
    return this.#audio.telephoneEvent !== undefined;
  }

  open(): void {
    this.#way.order({ do: "be-heard" });
  }

  sendDigits(digits: string): void {
    this.#way.order({ do: "send-digits", digits });
  }

  update(audio: AgreedAudio): void {
    this.#audio = audio;
    this.#way.order({ do: "update", audio });
  }

  end(): void {
    this.#isOver = true;
    this.#fallSilent();
    this.#way.order({ do: "end" });
  }

  finish(): Promise<void> {
    this.#way.order({ do: "finish" });
    return this.#finished.promise;
  }

  onSound(coded: CodedAudio): void {
    if (!this.#isOver) this.#way.write("sound", coded);
  }

  onPublisher(): void {
    if (!this.#isOver) this.#way.write("publisher");
  }

  /** What the telephone says. */
  take(sign: SoundSign, coded: CodedAudio): void {
    const { streams, from } = this.#options;
    if (this.#isOver || streams.spoken === undefined) return;
    if (sign === "speech") this.#speech = streams.spoken.speak(from);
    else if (sign === "silence") this.#fallSilent();
    else if (isEncoded(coded.codec)) this.#speech?.push(coded.codec, coded);
    this.#follow(streams.spoken.heardCodec);
  }

  /** What the thread tells of the line. */
  hear(message: Extract<FromThread, { readonly did: "digit" | "finish" }>): void {
    if (message.did === "digit") this.#options.onDigit(message.digit);
    else this.#finished.resolve();
  }

  /** The thread is no more. */
  lose(): void {
    const wasOver = this.#isOver;
    this.#isOver = true;
    this.#fallSilent();
    this.#finished.resolve();
    if (!wasOver) this.#options.onLost();
  }

  /** Players may want another codec than before, which nobody tells. */
  #follow(codec: CodedCodecName): void {
    if (codec === this.#spokenCodec) return;
    this.#spokenCodec = codec;
    this.#way.order({ do: "speak-in", codec });
  }

  #fallSilent(): void {
    this.#speech?.end();
    this.#speech = undefined;
  }
}

function isEncoded(codec: AudioCodec): codec is CodedCodecName {
  return Object.hasOwn(SOUND_FORMATS, codec);
}
