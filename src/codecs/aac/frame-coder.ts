import type { BitWriter } from "../../bytes/bit-writer.ts";
import { type CodedFrame, countFrameHead, writeFrame } from "./bitstream-writer.ts";
import type { Reals } from "./fft.ts";
import type { ForwardTns } from "./forward-tns.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { Quantizer } from "./quantizer.ts";
import type { RateControl, Trial } from "./rate-control.ts";
import { Sectioning } from "./sectioning.ts";

/**
 * From the lines of a frame, in the order of transmission, to its bits. All bands have one scale factor: for speech, each
 * way of giving loud bands more noise made both SNR and the noise beyond the masking threshold worse.
 */
export class FrameCoder implements Trial {
  codedLineCount = 0;
  readonly #sectioning = new Sectioning();
  readonly #quantizer: Quantizer;
  readonly #frame: CodedFrame;

  constructor(
    readonly layout: FrameLayout,
    spectrum: Reals,
    readonly rateControl: RateControl,
    readonly tns: ForwardTns,
  ) {
    this.#quantizer = new Quantizer(spectrum);
    const { books } = this.#sectioning;
    this.#frame = { layout, scaleFactor: 0, books, values: this.#quantizer.values, tns };
  }

  /** Codes what the layout and the spectrum hold now. */
  write(bits: BitWriter, isHard: boolean): void {
    this.#quantizer.load(this.layout);
    const { level, smallestScaleFactor } = this.#quantizer;
    this.#frame.scaleFactor = this.rateControl.fit(this, level, smallestScaleFactor, isHard);
    writeFrame(bits, this.#frame);
  }

  code(scaleFactor: number): number {
    const { layout } = this;
    this.#quantizer.quantize(layout, scaleFactor);
    this.codedLineCount = this.#quantizer.codedLineCount;
    const { largest, values } = this.#quantizer;
    const bits = this.#sectioning.choose(layout, values, largest);
    return 8 * Math.ceil((countFrameHead(layout) + this.tns.countBits() + bits) / 8);
  }
}
