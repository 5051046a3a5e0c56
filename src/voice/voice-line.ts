import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { CodedAudio } from "../media/audio/coding/coded-audio.ts";
import type { SoundSign } from "../media/sound/crossing/sound-pipe.ts";
import { VoiceEnd } from "../media/sound/crossing/voice-end.ts";
import type { LegSound, SoundPorts } from "../telephone/leg-sound.ts";
import type { LineMedia } from "./line-media.ts";
import type { FromThread, LineOrder, LineStart } from "./messages.ts";

export type VoiceLineOptions = {
  readonly line: number;
  readonly ports: SoundPorts;
  readonly media: LineMedia;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (message: FromThread) => void;
  /** Into the pipe with what telephones say. */
  readonly write: (sign: SoundSign, coded?: CodedAudio) => void;
};

/** One telephone's sound, on the voice thread. */
export class VoiceLine {
  readonly #options: VoiceLineOptions;
  #sound: LegSound | undefined;
  #end: VoiceEnd | undefined;
  /** The newest header that came before the line was started: sound is not ordered with messages. */
  #config: CodedAudio | undefined;
  #isDeaf = false;

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
        this.#end?.speakIn(order.codec);
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
        return undefined;
      case "finish":
        return this.#finish();
    }
  }

  /** What the telephone hears. A bug in it costs only this line what it hears: others' sound waits in the same ring. */
  take(sign: SoundSign, coded: CodedAudio): void {
    if (this.#isDeaf) return;
    try {
      this.#take(sign, coded);
    } catch (thrown) {
      this.#isDeaf = true;
      this.#options.log.error("sound.failed", { reason: messageOf(thrown) });
    }
  }

  #take(sign: SoundSign, coded: CodedAudio): void {
    if (this.#end !== undefined) this.#end.take(sign, coded);
    else if (coded.role === "config") this.#config = { ...coded, data: coded.data.slice() };
  }

  /** Writes its counters for the main thread. */
  count(): void {
    if (this.#sound === undefined) return;
    const { clock, media } = this.#options;
    const { lastReceivedAtMs } = this.#sound;
    media.write(this.#sound.media, lastReceivedAtMs && clock.nowMs() - lastReceivedAtMs);
  }

  #start({ audio, from, hears, spokenCodec }: LineStart): void {
    const { ports, line, log, tell, write } = this.#options;
    const end = new VoiceEnd({ hears, codec: spokenCodec, write });
    this.#end = end;
    this.#sound = ports.start(audio, {
      streams: end.streams,
      from,
      onDigit: (digit) => tell({ did: "digit", line, digit }),
      onLost() {},
      log,
    });
    if (this.#config !== undefined) end.take("sound", this.#config);
    this.#config = undefined;
  }

  async #finish(): Promise<void> {
    const { ports, tell, line } = this.#options;
    if (this.#sound === undefined) ports[Symbol.dispose]();
    else await this.#sound.finish();
    this.count();
    tell({ did: "finish", line });
  }
}
