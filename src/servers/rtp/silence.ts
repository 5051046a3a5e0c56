import type { AgreedAudio } from "../../protocols/sdp/agreement.ts";

/** ITU-T G.711: what the value 0 is coded as. */
const ZERO = { PCMA: 0xd5, PCMU: 0xff, L16: 0 } as const;

/** One packet's payload. */
export function makeSilence({ codec, clockRate, ptimeMs }: AgreedAudio): Uint8Array {
  const sampleCount = (clockRate * ptimeMs) / 1000;
  return new Uint8Array(codec === "L16" ? 2 * sampleCount : sampleCount).fill(ZERO[codec]);
}
