import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import type { Publication } from "../publication.ts";
import type { Stream } from "../stream.ts";
import { makeL16Metadata, toFrame } from "./sound-frames.ts";

export interface Speech {
  /** `coded.codec` is `codec`. */
  push(codec: EncodedCodec, coded: CodedAudio): void;
  end(): void;
}

/** Sound that is made here, as a publisher of its own. */
export class StreamSpeech implements Speech {
  readonly #publication: Publication;
  #isL16Told = false;

  constructor(stream: Stream, from: string) {
    this.#publication = stream.publish({ from, protocol: "rtp", onReplaced() {} });
  }

  push(codec: EncodedCodec, coded: CodedAudio): void {
    if (codec === "L16" && !this.#isL16Told) {
      this.#isL16Told = true;
      this.#publication.push(makeL16Metadata(coded));
    }
    this.#publication.push(toFrame(codec, coded));
  }

  end(): void {
    this.#publication.end();
  }
}
