import { type AmfValue, decodeAmf0, encodeAmf0 } from "../../codecs/amf0/amf0.ts";
import { SOUND_FORMATS } from "../../codecs/codec-names.ts";
import { expectPeerFault } from "../../errors.ts";

/** What a sound card can do; a rate beyond is nonsense. */
const LEAST_RATE = 4_000;
const MOST_RATE = 192_000;

/** onMetaData of a stream with nothing but L16 mono, whose rate an audio tag cannot name. */
export function encodeL16Metadata(sampleRate: number): Uint8Array {
  return encodeAmf0("onMetaData", {
    audiocodecid: SOUND_FORMATS.L16,
    audiosamplerate: sampleRate,
    audiosamplesize: 16,
    stereo: false,
  });
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
