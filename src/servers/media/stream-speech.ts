import type { Speech } from "../../calls/ports.ts";
import type { EncodedCodec } from "../../media/audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../../media/audio/coding/coded-audio.ts";
import type { Publication } from "../../media/publication.ts";
import type { Stream } from "../../media/stream.ts";
import { makeL16Metadata, toFrame } from "./sound-frames.ts";

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
