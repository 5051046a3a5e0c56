import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { InfoKeys } from "./info-keys.ts";
import { type KeyPath, KeyPresses } from "./key-presses.ts";
import type { LegSound } from "./leg-sound.ts";

export type LegKeysOptions = {
  /** Gets each key that the telephone pressed, once. */
  readonly onKey: (key: string) => void;
  /** Presses a key by INFO. */
  readonly sendInfo: (key: string, durationMs: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The keys of a telephone's leg, both ways, by RTP or by INFO. */
export class LegKeys {
  readonly #options: LegKeysOptions;
  readonly #presses = new KeyPresses();
  readonly #infoKeys: InfoKeys;
  #isEnded = false;

  constructor(options: LegKeysOptions) {
    this.#options = options;
    this.#infoKeys = new InfoKeys(options.clock, options.sendInfo);
  }

  /** The telephone presses a key. */
  take(key: string, path: KeyPath): void {
    const { clock, onKey } = this.#options;
    if (!this.#isEnded && this.#presses.take(key, path, clock.nowMs())) onKey(key);
  }

  /** Presses keys for the telephone. Without sound none can be pressed. */
  send(digits: string, sound: LegSound | undefined): void {
    if (this.#isEnded || sound === undefined) this.#noteTaken(0, digits);
    else if (sound.takesTelephoneEvents) sound.sendDigits(digits);
    else this.#noteTaken(this.#infoKeys.sendDigits(digits), digits);
  }

  end(): void {
    this.#isEnded = true;
    this.#infoKeys.cancel();
  }

  #noteTaken(taken: number, digits: string): void {
    if (taken === digits.length) return;
    this.#options.log.warn("telephone.keys-not-sent", { have: digits.length, taken });
  }
}
