import type { LegMedia } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { CodedAudio } from "../media/audio/coding/coded-audio.ts";
import { CallEnd } from "../media/sound/crossing/call-end.ts";
import type { SoundSign } from "../media/sound/crossing/sound-pipe.ts";
import type { AgreedAudio } from "../protocols/sdp/agreement.ts";
import type { LegSound, LegSoundOptions } from "../telephone/leg-sound.ts";
import type { LineMedia } from "./line-media.ts";
import type { FromThread, LineOrder } from "./messages.ts";

/** How a line is reached on its thread. */
export type LineWay = {
  readonly order: (order: OrderOfOne<LineOrder>) => void;
  /** Into the pipe with what telephones hear. */
  readonly write: (sign: SoundSign, coded?: CodedAudio) => void;
  readonly media: LineMedia;
};

type OrderOfOne<Order> = Order extends unknown ? Omit<Order, "line"> : never;

/** A leg's sound that is made on a voice thread, as the main thread sees it. */
export class DistantSound implements LegSound {
  readonly #options: LegSoundOptions;
  readonly #way: LineWay;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #end: CallEnd;
  readonly #finished = Promise.withResolvers<void>();
  #audio: AgreedAudio;
  #isOver = false;

  constructor(audio: AgreedAudio, options: LegSoundOptions, way: LineWay, clock: Pick<Clock, "nowMs">) {
    const { streams, from } = options;
    const { order, write } = way;
    this.#options = options;
    this.#way = way;
    this.#clock = clock;
    this.#audio = audio;
    this.#end = new CallEnd({ streams, from, write, onCodec: (codec) => order({ do: "speak-in", codec }) });
    const hears = streams.heard !== undefined;
    order({ do: "start", audio, from, hears, spokenCodec: this.#end.codec });
    this.#end.listen();
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
    this.#end.close();
    this.#way.order({ do: "end" });
  }

  finish(): Promise<void> {
    this.#way.order({ do: "finish" });
    return this.#finished.promise;
  }

  /** What the telephone says. */
  take(sign: SoundSign, coded: CodedAudio): void {
    this.#end.take(sign, coded);
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
    this.#end.close();
    this.#finished.resolve();
    if (!wasOver) this.#options.onLost();
  }
}
