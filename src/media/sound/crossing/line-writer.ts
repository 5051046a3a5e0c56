import type { CodedAudio } from "../../audio/coding/coded-audio.ts";
import type { SoundSign, SoundWriter } from "./sound-pipe.ts";

/**
 * Writes the sound of one line. A frame that finds no room is left out. A header, another publisher, and the beginning
 * and end of speech are kept until there is room: without them nothing would be heard of what follows.
 */
export class LineWriter {
  readonly #pipe: SoundWriter;
  readonly #line: number;
  #kept: { readonly sign: SoundSign; readonly coded: CodedAudio | undefined }[] = [];

  constructor(pipe: SoundWriter, line: number) {
    this.#pipe = pipe;
    this.#line = line;
  }

  /** @returns false when there is no room: the other thread stands still */
  readonly write = (sign: SoundSign, coded?: CodedAudio): boolean => {
    const isWritten = this.#writeKept() && this.#pipe.write(this.#line, sign, coded);
    if (!isWritten && (sign !== "sound" || coded?.role === "config")) this.#keep(sign, coded);
    return isWritten;
  };

  /** False when some of it is still here. */
  #writeKept(): boolean {
    for (let kept = this.#kept[0]; kept !== undefined; kept = this.#kept[0]) {
      if (!this.#pipe.write(this.#line, kept.sign, kept.coded)) return false;
      this.#kept.shift();
    }
    return true;
  }

  /** Only the newest of each kind counts. */
  #keep(sign: SoundSign, coded: CodedAudio | undefined): void {
    this.#kept = this.#kept.filter((kept) => kept.sign !== sign);
    this.#kept.push({ sign, coded: coded && { ...coded, data: coded.data.slice() } });
  }
}
