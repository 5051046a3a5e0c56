import { type CodedCodecName, SOUND_FORMATS } from "../../codecs/codec-names.ts";
import { type AudioBodyInfo, EX_AUDIO_HEADER, findExAudioData, inspectAudioBody } from "./tag-body.ts";

/** The sound in an FLV audio tag (or RTMP audio message). */
export type AudioBody = AudioBodyInfo & {
  /** AudioSpecificConfig, AAC access unit, G.711 bytes or L16 little-endian; a view into the tag's body if it can be. */
  readonly data: Uint8Array;
  /** 0 of AAC, whose header bits every encoder sets alike: its config counts. */
  readonly sampleRate: number;
  /** 0 of AAC. */
  readonly channelCount: number;
};

/** What encodeAudioBody has an FLV form for. */
export type EncodedAudioBody = Pick<AudioBody, "role" | "data"> & {
  readonly codec: CodedCodecName;
};

const G711_RATE = 8000;
/** What L16 at rate bits 0 is taken for, unless the publisher's onMetaData names its rate. */
export const SPECIAL_RATE = 16_000;
/** SoundRate, E.4.2.1: 5.5 kHz stands for whatever FLV has no bits for (FFmpeg: FLV_SAMPLERATE_SPECIAL). */
const SOUND_RATES = [undefined, 11_025, 22_050, 44_100] as const;

/**
 * Undefined for what carries no sound that we read: another codec, too short a body, several tracks, the end of a
 * sequence.
 * @param specialRate of L16 whose rate FLV cannot name
 */
export function decodeAudioBody(body: Uint8Array, specialRate: number = SPECIAL_RATE): AudioBody | undefined {
  const { codec, role } = inspectAudioBody(body);
  const flags = body[0] ?? 0;
  switch (codec) {
    case "AAC": {
      const at = flags >>> 4 === EX_AUDIO_HEADER ? findExAudioData(body) : 2;
      if (at === undefined || at >= body.length) return undefined;
      return { codec, role, data: body.subarray(at), sampleRate: 0, channelCount: 0 };
    }
    case "G711A":
    case "G711U":
      // Its rate and channels are fixed (E.4.2.1), whatever bits a peer sets
      if (body.length < 2) return undefined;
      return { codec, role, data: body.subarray(1), sampleRate: G711_RATE, channelCount: 1 };
    case "L16": {
      const channelCount = (flags & 1) + 1;
      const data = (flags & 2) !== 0 ? body.subarray(1) : widen(body.subarray(1));
      const wholeLength = data.length - (data.length % (2 * channelCount));
      if (wholeLength === 0) return undefined;
      const sampleRate = SOUND_RATES[(flags >>> 2) & 3] ?? specialRate;
      return { codec, role, data: data.subarray(0, wholeLength), sampleRate, channelCount };
    }
    default:
      return undefined;
  }
}

/** Unsigned 8-bit samples as signed 16-bit ones, little-endian. */
function widen(samples: Uint8Array): Uint8Array {
  const wide = new Uint8Array(samples.length * 2);
  for (let n = 0; n < samples.length; n++) wide[2 * n + 1] = (samples[n] ?? 0) ^ 0x80;
  return wide;
}

/** SoundRate, SoundSize and SoundType (E.4.2.1). AAC's are always 44 kHz, 16 bits, stereo. */
const SOUND_BITS = { AAC: 0xf, G711A: 2, G711U: 2, L16: 2 } as const satisfies Record<CodedCodecName, number>;

/** Mono sound as an FLV tag body of its own: L16 little-endian, at the rate that onMetaData names. */
export function encodeAudioBody({ codec, role, data }: EncodedAudioBody): Uint8Array<ArrayBuffer> {
  const headerLength = codec === "AAC" ? 2 : 1;
  const body = new Uint8Array(headerLength + data.length);
  body[0] = (SOUND_FORMATS[codec] << 4) | SOUND_BITS[codec];
  if (codec === "AAC") body[1] = role === "config" ? 0 : 1;
  body.set(data, headerLength);
  return body;
}
