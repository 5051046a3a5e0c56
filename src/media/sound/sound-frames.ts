import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import { encodeAudioBody } from "../body/audio-body.ts";
import { encodeL16Metadata } from "../body/metadata.ts";
import type { AudioFrame, DataFrame, Frame } from "../frame.ts";

/** Makes frames of sound that is encoded here. Players of L16 are told its rate first: a tag cannot name it. */
export class SoundFrames {
  #l16Metadata: DataFrame | undefined;

  constructor(readonly emit: (frame: Frame) => void) {}

  /** What players were told of L16; undefined while they were told nothing. */
  get l16Metadata(): DataFrame | undefined {
    return this.#l16Metadata;
  }

  /** `coded.codec` is `codec`. Keeps nothing of `coded`. */
  push(codec: EncodedCodec, coded: CodedAudio): void {
    if (codec === "L16" && this.#l16Metadata === undefined) {
      this.#l16Metadata = makeL16Metadata(coded);
      this.emit(this.#l16Metadata);
    }
    this.emit(toFrame(codec, coded));
  }
}

function toFrame(codec: EncodedCodec, { role, timestampMs, data }: CodedAudio): AudioFrame {
  return { kind: "audio", codec, role, timestampMs, body: encodeAudioBody({ codec, role, data }), wire: [] };
}

function makeL16Metadata({ sampleRate, timestampMs }: CodedAudio): DataFrame {
  const body = encodeL16Metadata(sampleRate);
  return { kind: "data", codec: "AMF", role: "metadata", timestampMs, body, wire: [] };
}
