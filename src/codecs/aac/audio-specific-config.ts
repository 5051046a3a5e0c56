import { BitReader } from "../../bytes/bit-reader.ts";
import { AppError } from "../../errors.ts";
import { SAMPLE_RATES } from "./band-offsets.ts";
import { readProgramConfig } from "./program-config.ts";

/** What this codec takes of AudioSpecificConfig, ISO/IEC 14496-3 1.6.2.1: of HE-AAC, the core's rate and channels. */
export type AudioSpecificConfig = {
  readonly objectType: number;
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly frameLength: 1024;
};

/** audioObjectType, table 1.17. */
const AAC_LC = 2;
const SBR = 5;
const PARAMETRIC_STEREO = 29;
const ESCAPE_OBJECT_TYPE = 31;

const EXPLICIT_RATE = 15;
const MIN_SAMPLE_RATE = 7350;
const MAX_SAMPLE_RATE = 96_000;
const MAX_CHANNELS = 2;
const MAX_CONFIG_BYTES = 512;

/**
 * AAC-LC of one or two channels, also as the core of HE-AAC v1 or v2, signalled explicitly (5 bytes) or not at all.
 * Throws an AppError of the peer for what is damaged or no such sound.
 */
export function decodeAudioSpecificConfig(bytes: Uint8Array): AudioSpecificConfig {
  const reader = new BitReader(MAX_CONFIG_BYTES, "aac.config");
  reader.load(bytes);
  let objectType = readObjectType(reader);
  const sampleRate = readSampleRate(reader);
  const channelConfiguration = reader.read(4);
  if (objectType === SBR || objectType === PARAMETRIC_STEREO) {
    readSampleRate(reader);
    objectType = readObjectType(reader);
  }
  reader.checkOverrun();
  if (objectType !== AAC_LC) {
    throw new AppError("peer", "aac.unsupported-object-type", { have: objectType, need: AAC_LC });
  }
  const isShortened = reader.readFlag();
  if (reader.readFlag()) reader.skip(14);
  reader.skip(1);
  const channelCount = channelConfiguration === 0 ? readProgramConfig(reader) : channelConfiguration;
  reader.checkOverrun();
  if (isShortened) throw new AppError("peer", "aac.unsupported-frame-length", { have: 960, need: 1024 });
  if (channelCount < 1 || channelCount > MAX_CHANNELS) {
    throw new AppError("peer", "aac.unsupported-channels", { have: channelCount, limit: MAX_CHANNELS });
  }
  if (sampleRate < MIN_SAMPLE_RATE || sampleRate > MAX_SAMPLE_RATE) {
    throw new AppError("peer", "aac.unsupported-rate", { have: sampleRate, limit: MAX_SAMPLE_RATE });
  }
  return { objectType, sampleRate, channelCount, frameLength: 1024 };
}

/** Two bytes for AAC-LC in frames of 1,024 samples. The rate must be one of the standard's thirteen. */
export function encodeAudioSpecificConfig(sound: {
  readonly sampleRate: number;
  readonly channelCount: number;
}): Uint8Array {
  const rates: readonly number[] = SAMPLE_RATES;
  const rateIndex = rates.indexOf(sound.sampleRate);
  if (rateIndex < 0) throw new AppError("bug", "aac.rate-not-in-table", { have: sound.sampleRate });
  const bits = (AAC_LC << 11) | (rateIndex << 7) | (sound.channelCount << 3);
  return Uint8Array.of(bits >> 8, bits & 0xff);
}

function readObjectType(reader: BitReader): number {
  const objectType = reader.read(5);
  return objectType === ESCAPE_OBJECT_TYPE ? 32 + reader.read(6) : objectType;
}

function readSampleRate(reader: BitReader): number {
  const index = reader.read(4);
  if (index === EXPLICIT_RATE) return reader.read(24);
  const rate = SAMPLE_RATES[index];
  if (rate === undefined) throw new AppError("peer", "aac.reserved-rate-index", { have: index });
  return rate;
}

/** Rates from here on, but below the one before, use the tables of this index: table 4.82. */
const LOWEST_RATES = [92017, 75132, 55426, 46009, 37566, 27713, 23004, 18783, 13856, 11502, 9391];

/** The samplingFrequencyIndex whose tables serve this rate, which need not be one of the thirteen. */
export function rateIndexOf(sampleRate: number): number {
  const index = LOWEST_RATES.findIndex((lowest) => sampleRate >= lowest);
  return index < 0 ? LOWEST_RATES.length : index;
}
