import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { EncodedCodec } from "../media/audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../media/audio/coding/coded-audio.ts";
import type { SoundListener } from "../media/sound/sound-tap.ts";
import type { Speech } from "../media/sound/stream-speech.ts";
import type { LegSound, SoundPorts } from "../telephone/leg-sound.ts";
import type { LineMedia } from "./line-media.ts";
import type { FromThread, LineOrder, LineStart } from "./messages.ts";
import type { SoundSign } from "./sound-pipe.ts";

export type VoiceLineOptions = {
  readonly line: number;
  readonly ports: SoundPorts;
  readonly media: LineMedia;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (message: FromThread) => void;
  /** Writes into the ring of what telephones say. */
  readonly write: (sign: SoundSign, coded?: CodedAudio) => void;
};

/** One telephone's sound, on the voice thread. The streams of its call are on the main thread. */
export class VoiceLine implements Speech {
  readonly #options: VoiceLineOptions;
  #sound: LegSound | undefined;
  #listener: SoundListener | undefined;
  /** What came before the line was started: sound is not ordered with messages. */
  #config: CodedAudio | undefined;
  #spokenCodec: EncodedCodec | undefined;

  constructor(options: VoiceLineOptions) {
    this.#options = options;
  }

  /** Undefined once all of it is done; `finish` takes a while. */
  handle(order: Exclude<LineOrder, { readonly do: "open" }>): Promise<void> | undefined {
    switch (order.do) {
      case "start":
        this.#start(order);
        return undefined;
      case "speak-in":
        this.#spokenCodec = order.codec;
        return undefined;
      case "be-heard":
        this.#sound?.open();
        return undefined;
      case "send-digits":
        this.#sound?.sendDigits(order.digits);
        return undefined;
      case "update":
        this.#sound?.update(order.audio);
        return undefined;
      case "end":
        this.#sound?.end();
        this.count();
        return undefined;
      case "finish":
        return this.#finish();
    }
  }

  /** What the telephone hears. */
  hear(sign: SoundSign, coded: CodedAudio): void {
    if (sign === "publisher") this.#listener?.onPublisher();
    else if (this.#listener !== undefined) this.#listener.onSound(coded);
    else if (coded.role === "config") this.#config = { ...coded, data: coded.data.slice() };
  }

  /** The telephone says something; of a {@link Speech}, as `end` is. */
  push(_: EncodedCodec, coded: CodedAudio): void {
    this.#options.write("sound", coded);
  }

  end(): void {
    this.#options.write("silence");
  }

  /** Writes its counters for the main thread. */
  count(): void {
    if (this.#sound === undefined) return;
    const { clock, media } = this.#options;
    const { lastReceivedAtMs } = this.#sound;
    media.write(this.#sound.media, lastReceivedAtMs && clock.nowMs() - lastReceivedAtMs);
  }

  #start({ audio, from, hears, spokenCodec }: LineStart): void {
    const { ports, line, log, tell } = this.#options;
    this.#spokenCodec = spokenCodec;
    const codecOf = () => this.#spokenCodec ?? "AAC";
    const spoken = {
      get heardCodec() {
        return codecOf();
      },
      speak: () => this.#speak(),
    };
    this.#sound = ports.start(audio, {
      streams: {
        heard: hears ? { listen: (listener) => this.#listen(listener) } : undefined,
        spoken: spokenCodec && spoken,
      },
      from,
      onDigit: (digit) => tell({ did: "digit", line, digit }),
      onLost() {},
      log,
    });
  }

  async #finish(): Promise<void> {
    const { ports, tell, line } = this.#options;
    if (this.#sound === undefined) ports[Symbol.dispose]();
    else await this.#sound.finish();
    this.count();
    tell({ did: "finish", line });
  }

  #listen(listener: SoundListener): void {
    this.#listener = listener;
    if (this.#config !== undefined) listener.onSound(this.#config);
    this.#config = undefined;
  }

  #speak(): Speech {
    this.#options.write("speech");
    return this;
  }
}
