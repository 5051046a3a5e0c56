import { encodeALaw } from "../codecs/g711/a-law.ts";

/** FLV audio tag header of G.711 A-law (E.4.2.1): SoundFormat 7, 16-bit, mono. */
const TAG_HEADER = 0x72;

export const FRAME_MS = 20;
const SAMPLE_RATE = 8000;
const SAMPLE_COUNT = (SAMPLE_RATE * FRAME_MS) / 1000;
/** 400 Hz: whole periods fit a frame, so that one frame repeated is a clean tone. */
const TONE_HZ = 400;
const AMPLITUDE = 0.25;
/** The lowest bits of so many samples hold a frame's index: too soft to hear. */
const INDEX_BITS = 24;

const TONE = encodeTone();

/** The FLV tag body of frame `index` of a soft 400 Hz tone, 20 ms. */
export function makeToneBody(index = 0): Uint8Array {
  const body = TONE.slice();
  for (let bit = 0; bit < INDEX_BITS; bit++) {
    body[1 + bit] = ((TONE[1 + bit] ?? 0) & ~1) | ((index >>> bit) & 1);
  }
  return body;
}

/** The index of a frame of that tone; undefined for any other sound. */
export function readToneIndex(body: Uint8Array): number | undefined {
  if (body.length !== TONE.length) return undefined;
  let index = 0;
  for (let at = 0; at < TONE.length; at++) {
    const isMarked = at >= 1 && at <= INDEX_BITS;
    const difference = (body[at] ?? 0) ^ (TONE[at] ?? 0);
    if ((isMarked ? difference & ~1 : difference) !== 0) return undefined;
    if (isMarked) index |= ((body[at] ?? 0) & 1) << (at - 1);
  }
  return index;
}

function encodeTone(): Uint8Array {
  const samples = Float32Array.from(
    { length: SAMPLE_COUNT },
    (_, n) => AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / SAMPLE_RATE),
  );
  const body = new Uint8Array(1 + SAMPLE_COUNT);
  body[0] = TAG_HEADER;
  encodeALaw(samples, body.subarray(1));
  return body;
}
