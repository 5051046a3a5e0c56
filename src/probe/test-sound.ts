import { encodeALaw } from "../codecs/g711/a-law.ts";

/** FLV audio tag header of G.711 A-law (E.4.2.1): SoundFormat 7, 16-bit, mono. */
const TAG_HEADER = 0x72;

export const FRAME_MS = 20;
const SAMPLE_RATE = 8000;
const SAMPLE_COUNT = (SAMPLE_RATE * FRAME_MS) / 1000;
/** 400 Hz: whole periods fit a frame, so that one frame repeated is a clean tone. */
const TONE_HZ = 400;
const AMPLITUDE = 0.25;

/** The FLV tag body of one 20 ms frame of a soft 400 Hz tone. */
export function makeToneBody(): Uint8Array {
  const samples = Float32Array.from(
    { length: SAMPLE_COUNT },
    (_, n) => AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / SAMPLE_RATE),
  );
  const body = new Uint8Array(1 + SAMPLE_COUNT);
  body[0] = TAG_HEADER;
  encodeALaw(samples, body.subarray(1));
  return body;
}
