import type { Reals } from "./fft.ts";
import { EIGHT_SHORT, LONG_START, LONG_STOP, ONLY_LONG, type WindowSequence } from "./window-info.ts";

/** Pieces of a block whose loudness is compared: 64 samples each at the coded rate, 1.3 ms at 48 kHz. */
const PIECES = 16;
/** How many pieces back the loudness before an attack is taken from: two pitch periods of a deep voice. */
const MEMORY = 16;
/** An attack is this much louder than the mean before it, and than -66 dB of full scale. */
const ATTACK_RATIO = 30;
const QUIETEST = 2.5e-7;
/** Of the pieces' arithmetic mean to their geometric one: 1 for a steady tone, little more for noise. */
const UNEVEN_RATIO = 3;
/** Until here a start window's right half is flat: an attack before belongs to its frame alone. */
const FLAT_PIECES = 7;

/** Finds attacks in each new block and chooses the windows. Looks at nothing that the frame does not code. */
export class BlockSwitch {
  sequence: WindowSequence = ONLY_LONG;
  /** The frame codes an attack, or is cut into short windows because of one. */
  isHard = false;
  readonly #energies = new Float64Array(MEMORY + PIECES);
  #lastSample = 0;
  #lastAttack = -1;

  /** The new block is `samples[from]` on. */
  advance(samples: Reals, from: number, blockLength: number): WindowSequence {
    this.#measure(samples, from, blockLength / PIECES);
    const attack = this.#findAttack();
    this.sequence = this.#choose(attack);
    const startsWithAttack = attack >= 0 && attack < FLAT_PIECES;
    this.isHard = this.sequence === EIGHT_SHORT || startsWithAttack;
    this.#lastAttack = attack;
    return this.sequence;
  }

  /** The short windows of a frame begin where the start window before it began to fall, and end in its newest block. */
  #choose(attack: number): WindowSequence {
    const mustBeShort = this.sequence === LONG_START || this.sequence === EIGHT_SHORT;
    if (!mustBeShort) return attack >= 0 ? LONG_START : ONLY_LONG;
    return attack >= 0 || this.#lastAttack >= FLAT_PIECES ? EIGHT_SHORT : LONG_STOP;
  }

  /** Energies of the differences between neighbours, because attacks are rich in high tones. */
  #measure(samples: Reals, from: number, length: number): void {
    const energies = this.#energies;
    energies.copyWithin(0, PIECES);
    let last = this.#lastSample;
    let at = from;
    for (let piece = MEMORY; piece < MEMORY + PIECES; piece++) {
      let energy = 0;
      for (const end = at + length; at < end; at++) {
        const sample = samples[at] as number; // within the block
        const difference = sample - last;
        last = sample;
        energy += difference * difference;
      }
      energies[piece] = energy / length;
    }
    this.#lastSample = last;
  }

  /** Loudness changes within the frame's two blocks, by more than that of steady noise or a tone. */
  isUneven(): boolean {
    let sum = 0;
    let logarithms = 0;
    for (let piece = 0; piece < MEMORY + PIECES; piece++) {
      const energy = QUIETEST + (this.#energies[piece] as number);
      sum += energy;
      logarithms += Math.log2(energy);
    }
    const geometricMean = 2 ** (logarithms / (MEMORY + PIECES));
    return sum / (MEMORY + PIECES) > UNEVEN_RATIO * geometricMean;
  }

  /** The first piece of the new block that is much louder than those before it, or -1. */
  #findAttack(): number {
    const energies = this.#energies;
    let sum = 0;
    for (let piece = 0; piece < MEMORY; piece++) sum += energies[piece] as number;
    for (let piece = MEMORY; piece < MEMORY + PIECES; piece++) {
      const energy = energies[piece] as number;
      if (energy > QUIETEST && energy > (ATTACK_RATIO * sum) / MEMORY) return piece - MEMORY;
      sum += energy - (energies[piece - MEMORY] as number);
    }
    return -1;
  }
}
