import { decodeALaw, encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { decodeULaw, encodeULaw } from "../../../src/codecs/g711/u-law.ts";
import { decodeL16, encodeL16 } from "../../../src/codecs/pcm/l16.ts";

export type LegCodecName = "PCMA" | "PCMU" | "L16";

export type LegCodec = {
  readonly payloadType: number;
  readonly sampleRate: number;
  readonly bytesPerSample: 1 | 2;
  readonly rtpmap: string;
  readonly encode: (samples: Float32Array, bytes: Uint8Array) => void;
  readonly decode: (bytes: Uint8Array, samples: Float32Array) => void;
};

export const LEG_CODECS: Readonly<Record<LegCodecName, LegCodec>> = {
  PCMA: {
    payloadType: 8,
    sampleRate: 8000,
    bytesPerSample: 1,
    rtpmap: "PCMA/8000",
    encode: encodeALaw,
    decode: decodeALaw,
  },
  PCMU: {
    payloadType: 0,
    sampleRate: 8000,
    bytesPerSample: 1,
    rtpmap: "PCMU/8000",
    encode: encodeULaw,
    decode: decodeULaw,
  },
  L16: {
    payloadType: 102,
    sampleRate: 16_000,
    bytesPerSample: 2,
    rtpmap: "L16/16000",
    encode: (samples, bytes) => encodeL16(samples, bytes, false),
    decode: (bytes, samples) => decodeL16(bytes, samples, false),
  },
};
