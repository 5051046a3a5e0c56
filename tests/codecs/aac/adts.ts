import { SAMPLE_RATES } from "../../../src/codecs/aac/band-offsets.ts";

/** Access units and what their headers say. */
export type AdtsStream = {
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly units: readonly Uint8Array[];
};

const HEADER_BYTES = 7;

/** adts_frame, ISO/IEC 14496-3 1.A.2.2.1, one access unit each. */
export function splitAdts(bytes: Uint8Array): AdtsStream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const units: Uint8Array[] = [];
  let sampleRate = 0;
  let channelCount = 0;
  for (let at = 0; at < bytes.length; ) {
    const start = view.getUint32(at);
    const end = view.getUint32(at + 3);
    if (start >>> 20 !== 0xfff) throw new Error(`no ADTS header at ${at}`);
    const hasChecksum = ((start >> 16) & 1) === 0;
    sampleRate = SAMPLE_RATES[(start >> 10) & 15] ?? 0;
    // 0 leaves it to a program config in the unit; those of the tests are of two channels.
    channelCount = (start >> 6) & 7 || 2;
    const length = (end >> 13) & 0x1fff;
    units.push(bytes.slice(at + HEADER_BYTES + (hasChecksum ? 2 : 0), at + length));
    at += length;
  }
  return { sampleRate, channelCount, units };
}

export function joinAdts({ sampleRate, channelCount, units }: AdtsStream): Uint8Array {
  const rates: readonly number[] = SAMPLE_RATES;
  const parts = units.map((unit) => {
    const bytes = new Uint8Array(HEADER_BYTES + unit.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, (0xfff14000 | (rates.indexOf(sampleRate) << 10) | (channelCount << 6)) >>> 0);
    view.setUint8(3, view.getUint8(3) | (bytes.length >> 11));
    view.setUint32(3, ((view.getUint8(3) << 24) | ((bytes.length & 0x7ff) << 13) | 0x1ffc) >>> 0);
    bytes.set(unit, HEADER_BYTES);
    return bytes;
  });
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
