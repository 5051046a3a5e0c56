import type { BitWriter } from "../../bytes/bit-writer.ts";
import { type CodedFrame, countFrameHead, writeFrame } from "./bitstream-writer.ts";
import type { Reals } from "./fft.ts";
import type { ForwardTns } from "./forward-tns.ts";
import type { FrameLayout } from "./frame-layout.ts";
import { NoiseShape } from "./noise-shape.ts";
import { Quantizer, smallestScaleFactor } from "./quantizer.ts";
import type { RateControl, Trial } from "./rate-control.ts";
import { countScaleFactors } from "./scale-factors.ts";
import { Sectioning } from "./sectioning.ts";
import { MAX_BANDS } from "./window-info.ts";

/** From the lines of a frame, in the order of transmission, to its bits. */
export class FrameCoder implements Trial {
  codedLineCount = 0;
  readonly #scaleFactors = new Int32Array(MAX_BANDS);
  readonly #shape = new NoiseShape();
  readonly #sectioning = new Sectioning();
  readonly #quantizer: Quantizer;
  readonly #frame: CodedFrame;

  constructor(
    readonly layout: FrameLayout,
    readonly spectrum: Reals,
    readonly rateControl: RateControl,
    readonly tns: ForwardTns,
  ) {
    this.#quantizer = new Quantizer(spectrum);
    this.#frame = {
      layout,
      scaleFactors: this.#scaleFactors,
      books: this.#sectioning.books,
      values: this.#quantizer.values,
      tns,
    };
  }

  /** Codes what the layout and the spectrum hold now. */
  write(bits: BitWriter, isHard: boolean): void {
    const { layout } = this;
    const shape = this.#shape;
    shape.measure(layout, this.spectrum);
    const peak = this.#quantizer.load(layout.lineCount);
    const smallest = smallestScaleFactor(peak) - shape.deepest;
    this.rateControl.fit(this, shape.level, smallest, isHard);
    writeFrame(bits, this.#frame);
  }

  code(scaleFactor: number): number {
    const { layout } = this;
    const { bandCount } = layout;
    const { offsets } = this.#shape;
    const { largest, values } = this.#quantizer;
    const { books } = this.#sectioning;
    for (let band = 0; band < bandCount; band++)
      this.#scaleFactors[band] = scaleFactor + (offsets[band] ?? 0);
    this.#quantizer.quantize(layout, this.#scaleFactors);
    this.codedLineCount = this.#quantizer.codedLineCount;
    const spectrumBits = this.#sectioning.choose(layout, values, largest);
    const scaleFactorBits = countScaleFactors(this.#scaleFactors, books, bandCount);
    return (
      8 * Math.ceil((countFrameHead(layout) + this.tns.countBits() + spectrumBits + scaleFactorBits) / 8)
    );
  }
}
