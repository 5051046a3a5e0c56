import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import { encodeAudioBody } from "../body/audio-body.ts";
import { encodeL16Metadata } from "../body/audio-metadata.ts";
import type { AudioFrame, DataFrame } from "../frame.ts";

/** The frame that carries sound encoded here; it keeps nothing of `coded`. */
export function toFrame(codec: EncodedCodec, { role, timestampMs, data }: CodedAudio): AudioFrame {
  return { kind: "audio", codec, role, timestampMs, body: encodeAudioBody({ codec, role, data }), wire: [] };
}

/** What players must be told before L16 encoded here: a tag of it cannot name its rate. */
export function makeL16Metadata({ sampleRate, timestampMs }: CodedAudio): DataFrame {
  const body = encodeL16Metadata(sampleRate);
  return { kind: "data", codec: "AMF", role: "metadata", timestampMs, body, wire: [] };
}
