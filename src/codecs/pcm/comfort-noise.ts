/** A pole that lets the noise fall by 9.5 dB from 0 Hz to the top, as the sound of a quiet line does. */
const POLE = 0.5;
/** From the RMS of what the generator gives, evenly spread over ±1 and through the pole, to 1. */
const TO_RMS = Math.sqrt(3 * (1 - POLE * POLE));
/** How much of the way to a new level is made in each sample: most of it within 8 ms at 8 kHz. */
const GLIDE = 1 / 64;
/** So near to its level the gain stays there: on its way to 0 it would become denormal, which takes 20 times as long. */
const REACHED = 1e-9;
/** Louder, it is no comfort: a telephone that asks for more is broken or hostile. */
const LOUDEST_DBOV = -30;

/** Soft noise for the places where nothing is heard. */
export class ComfortNoise {
  /** RMS; full scale is 1.0. A new level is glided to, also the first. */
  level = 0;
  #gain = 0;
  #state: number;
  #last = 0;

  /** The same noise for the same seed, a whole number. */
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** Goes on where the last call ended, without a step. */
  fill(out: Float32Array): void {
    const target = this.level * TO_RMS;
    let state = this.#state;
    let gain = Math.abs(target - this.#gain) < REACHED ? target : this.#gain;
    let last = this.#last;
    for (let n = 0; n < out.length; n++) {
      // Marsaglia's xorshift, 13/17/5.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      last = last * POLE + state / 0x80000000;
      gain += (target - gain) * GLIDE;
      out[n] = last * gain;
    }
    this.#state = state;
    this.#gain = gain;
    this.#last = last;
  }
}

/**
 * RFC 3389, 3: the level is -dBov, beside a full-scale square wave; the spectrum that may follow is left aside. At most
 * -30 dBov; silence where the payload is empty.
 */
export function decodeComfortNoise(payload: Uint8Array): { level: number } {
  const [first] = payload;
  if (first === undefined) return { level: 0 };
  return { level: 10 ** (Math.min(-(first & 0x7f), LOUDEST_DBOV) / 20) };
}
