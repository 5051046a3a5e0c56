import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import type { Publication } from "../publication.ts";
import type { Stream } from "../stream.ts";
import { SoundFrames } from "./sound-frames.ts";

export interface Speech {
  /** `coded.codec` is `codec`. */
  push(codec: EncodedCodec, coded: CodedAudio): void;
  end(): void;
}

/** Sound that is made here, as a publisher of its own. */
export class StreamSpeech implements Speech {
  readonly #publication: Publication;
  readonly #frames: SoundFrames;

  constructor(stream: Stream, from: string) {
    this.#publication = stream.publish({ from, protocol: "rtp", onReplaced() {} });
    this.#frames = new SoundFrames((frame) => this.#publication.push(frame));
  }

  push(codec: EncodedCodec, coded: CodedAudio): void {
    this.#frames.push(codec, coded);
  }

  end(): void {
    this.#publication.end();
  }
}
