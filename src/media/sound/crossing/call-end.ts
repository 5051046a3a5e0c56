import { type CodedCodecName, SOUND_FORMATS } from "../../../codecs/codec-names.ts";
import type { CodedAudio } from "../../audio/coding/coded-audio.ts";
import type { AudioCodec } from "../../frame.ts";
import type { SoundListener } from "../sound-tap.ts";
import type { Speech } from "../stream-speech.ts";
import type { VoiceStreams } from "../telephone/voice.ts";
import type { SoundSign } from "./sound-pipe.ts";

export type CallEndOptions = {
  readonly streams: VoiceStreams;
  /** Names the telephone as a publisher. */
  readonly from: string;
  /** Into the pipe with what the telephone hears. */
  readonly write: (sign: SoundSign, coded?: CodedAudio) => void;
  /** Players want the telephone's sound in another codec than before. */
  readonly onCodec: (codec: CodedCodecName) => void;
};

/** The end of the pipes at the streams of a call, when its telephone's voice is on another thread. */
export class CallEnd implements SoundListener {
  readonly #options: CallEndOptions;
  #codec: CodedCodecName | undefined;
  #speech: Speech | undefined;
  #isClosed = false;

  constructor(options: CallEndOptions) {
    this.#options = options;
    this.#codec = options.streams.spoken?.heardCodec;
  }

  /** What players want now; undefined where the telephone is not heard. */
  get codec(): CodedCodecName | undefined {
    return this.#codec;
  }

  /** The telephone hears from now on. */
  listen(): void {
    this.#options.streams.heard?.listen(this);
  }

  onSound(coded: CodedAudio): void {
    if (!this.#isClosed) this.#options.write("sound", coded);
  }

  onPublisher(): void {
    if (!this.#isClosed) this.#options.write("publisher");
  }

  /** What the telephone says, out of the other pipe. */
  take(sign: SoundSign, coded: CodedAudio): void {
    const { spoken } = this.#options.streams;
    if (this.#isClosed || spoken === undefined) return;
    if (sign === "speech") this.#speech = spoken.speak(this.#options.from);
    else if (sign === "silence") this.#fallSilent();
    else if (isEncoded(coded.codec)) this.#speech?.push(coded.codec, coded);
    this.#follow(spoken.heardCodec);
  }

  close(): void {
    this.#isClosed = true;
    this.#fallSilent();
  }

  /** Nobody tells when players want another codec. */
  #follow(codec: CodedCodecName): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#options.onCodec(codec);
  }

  #fallSilent(): void {
    this.#speech?.end();
    this.#speech = undefined;
  }
}

function isEncoded(codec: AudioCodec): codec is CodedCodecName {
  return Object.hasOwn(SOUND_FORMATS, codec);
}
