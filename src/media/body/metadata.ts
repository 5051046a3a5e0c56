import { type AmfObject, type AmfValue, decodeAmf0, encodeAmf0 } from "../../codecs/amf0/amf0.ts";
import { SOUND_FORMATS } from "../../codecs/codec-names.ts";
import { expectPeerFault } from "../../errors.ts";

/** What a sound card can do; a rate beyond is nonsense. */
const LEAST_RATE = 4_000;
const MOST_RATE = 192_000;

/** What there is of a stream's tracks; codec ids as in a tag (E.4.2.1, E.4.3.1), or a FourCC as Enhanced RTMP says. */
export type TrackFacts = {
  readonly audio?: {
    readonly codecId: number;
    readonly sampleRate?: number | undefined;
    readonly channelCount?: number | undefined;
  };
  readonly video?: { readonly codecId: number };
};

/** The body of an onMetaData. */
export function encodeMetadata({ audio, video }: TrackFacts): Uint8Array {
  const properties: AmfObject = {};
  if (audio !== undefined) {
    properties.audiocodecid = audio.codecId;
    if (audio.sampleRate !== undefined) properties.audiosamplerate = audio.sampleRate;
    properties.audiosamplesize = 16;
    if (audio.channelCount !== undefined) properties.stereo = audio.channelCount === 2;
  }
  if (video !== undefined) properties.videocodecid = video.codecId;
  return encodeAmf0("onMetaData", properties);
}

/** onMetaData of a stream with nothing but L16 mono, whose rate an audio tag cannot name. */
export function encodeL16Metadata(sampleRate: number): Uint8Array {
  return encodeMetadata({ audio: { codecId: SOUND_FORMATS.L16, sampleRate, channelCount: 1 } });
}

/** The tracks that an onMetaData body names. They may never come: encoders list their settings. */
export function readNamedTracks(body: Uint8Array): { readonly audio: boolean; readonly video: boolean } {
  const { audiocodecid, hasAudio, videocodecid, hasVideo, width } = readProperties(body) ?? {};
  return {
    audio: isNamed(audiocodecid) || hasAudio === true,
    video: isNamed(videocodecid) || isNamed(width) || hasVideo === true,
  };
}

/** Codec ids are numbers, of some encoders texts. */
function isNamed(value: AmfValue): boolean {
  return typeof value === "number" ? value > 0 : typeof value === "string" && value !== "";
}

/** `audiosamplerate` of an onMetaData body; undefined if there is none that makes sense. */
export function readAudioSampleRate(body: Uint8Array): number | undefined {
  const rate = readProperties(body)?.audiosamplerate;
  return typeof rate === "number" && rate >= LEAST_RATE && rate <= MOST_RATE ? rate : undefined;
}

function readProperties(body: Uint8Array): Readonly<Record<string, AmfValue>> | undefined {
  try {
    const [, properties] = decodeAmf0(body);
    const isObject = typeof properties === "object" && properties !== null;
    if (!isObject || Array.isArray(properties) || properties instanceof Date) return undefined;
    return properties;
  } catch (thrown) {
    expectPeerFault(thrown);
    return undefined;
  }
}
