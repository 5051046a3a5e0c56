import { SAMPLE_RATES } from "./band-offsets.ts";

/** An access unit in ADTS framing, ISO/IEC 14496-3 1.A.2.2.1, and what its header says of the sound. */
export type AdtsFrame = {
  readonly sampleRate: number;
  readonly channelCount: number;
  /** A view. */
  readonly accessUnit: Uint8Array;
};

const HEADER_BYTES = 7;
const CRC_BYTES = 2;
/** profile of AAC-LC: its audioObjectType less 1. */
const LOW_COMPLEXITY = 1;

/**
 * Bytes that no raw access unit begins with: it would be empty, since 111 ends it.
 */
export function startsAdts(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0;
}

/**
 * The frames in `bytes`, one after another. Undefined unless they fill it to its end, each of them one access unit of
 * AAC-LC in one or two channels.
 */
export function splitAdts(bytes: Uint8Array): AdtsFrame[] | undefined {
  const frames: AdtsFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const length = startsAdts(rest) && rest.length > HEADER_BYTES ? readLength(rest) : 0;
    const frame = length <= rest.length ? readFrame(rest.subarray(0, length)) : undefined;
    if (frame === undefined) return undefined;
    frames.push(frame);
    at += length;
  }
  return frames;
}

function readLength(header: Uint8Array): number {
  return (((header[3] ?? 0) & 3) << 11) | ((header[4] ?? 0) << 3) | ((header[5] ?? 0) >>> 5);
}

function readFrame(frame: Uint8Array): AdtsFrame | undefined {
  const [, second = 0, third = 0, fourth = 0, , , seventh = 0] = frame;
  const sampleRate = SAMPLE_RATES[(third >>> 2) & 0xf];
  const channelCount = ((third & 1) << 2) | (fourth >>> 6);
  const headerLength = (second & 1) !== 0 ? HEADER_BYTES : HEADER_BYTES + CRC_BYTES;
  const isSingle = (seventh & 3) === 0;
  if (third >>> 6 !== LOW_COMPLEXITY || !isSingle || frame.length <= headerLength) return undefined;
  if (sampleRate === undefined || channelCount < 1 || channelCount > 2) return undefined;
  return { sampleRate, channelCount, accessUnit: frame.subarray(headerLength) };
}
