/** FLV audio tag header of G.711 A-law (E.4.2.1): SoundFormat 7, 16-bit, mono. */
const TAG_HEADER = 0x72;

export const FRAME_MS = 20;
const SAMPLE_RATE = 8000;
const SAMPLE_COUNT = (SAMPLE_RATE * FRAME_MS) / 1000;
/** 400 Hz: whole periods fit a frame, so that one frame repeated is a clean tone. */
const TONE_HZ = 400;
const AMPLITUDE = 8000;

/** The FLV tag body of one 20 ms frame of a soft 400 Hz tone. */
export function makeToneBody(): Uint8Array {
  const body = new Uint8Array(1 + SAMPLE_COUNT);
  body[0] = TAG_HEADER;
  for (let n = 0; n < SAMPLE_COUNT; n++) {
    body[1 + n] = encodeALaw(AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / SAMPLE_RATE));
  }
  return body;
}

/** ITU-T G.711, table 1a, from a 16-bit sample. */
function encodeALaw(sample: number): number {
  const magnitude = Math.min(Math.abs(Math.round(sample)) >> 4, 0x7ff);
  const exponent = magnitude < 32 ? (magnitude < 16 ? 0 : 1) : Math.floor(Math.log2(magnitude)) - 3;
  const mantissa = exponent < 2 ? magnitude & 0x0f : (magnitude >> (exponent - 1)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55;
}
