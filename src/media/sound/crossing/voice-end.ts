import type { EncodedCodec } from "../../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../../audio/coding/coded-audio.ts";
import type { SoundListener } from "../sound-tap.ts";
import type { Speech } from "../stream-speech.ts";
import type { VoiceStreams } from "../telephone/voice.ts";
import type { SoundSign } from "./sound-pipe.ts";

export type VoiceEndOptions = {
  readonly hears: boolean;
  /** Undefined: the telephone is not heard. */
  readonly codec: EncodedCodec | undefined;
  /** Into the pipe with what the telephone says. */
  readonly write: (sign: SoundSign, coded?: CodedAudio) => void;
};

/** The end of the pipes at a telephone's voice, when the streams of its call are on another thread. */
export class VoiceEnd {
  readonly streams: VoiceStreams;
  readonly #write: VoiceEndOptions["write"];
  #codec: EncodedCodec | undefined;
  #listener: SoundListener | undefined;

  constructor({ hears, codec, write }: VoiceEndOptions) {
    this.#write = write;
    this.#codec = codec;
    const speech: Speech = {
      push: (_, coded) => write("sound", coded),
      end: () => write("silence"),
    };
    const heardCodec = () => this.#codec ?? "AAC";
    const spoken = {
      get heardCodec() {
        return heardCodec();
      },
      speak: () => this.#speak(speech),
    };
    this.streams = {
      heard: hears ? { listen: (listener) => this.#listen(listener) } : undefined,
      spoken: codec && spoken,
    };
  }

  /** What the telephone hears, out of the other pipe. */
  take(sign: SoundSign, coded: CodedAudio): void {
    if (sign === "publisher") this.#listener?.onPublisher();
    else this.#listener?.onSound(coded);
  }

  /** Players want the telephone's sound in this codec from now on. */
  speakIn(codec: EncodedCodec): void {
    this.#codec = codec;
  }

  #listen(listener: SoundListener): void {
    this.#listener = listener;
  }

  #speak(speech: Speech): Speech {
    this.#write("speech");
    return speech;
  }
}
