import type { AudioCodec, AudioFrame, DataFrame, Frame, FrameStage } from "./frame.ts";
import { stampFrame } from "./time-line.ts";

/** Turns the sound of one publisher into another codec. */
export interface AudioConverter {
  /**
   * Takes the publisher's sound and metadata in order; `emit` gets what players get instead, at times nothing yet.
   * Throws nothing: what cannot be converted is left out or passed on.
   */
  push(frame: AudioFrame | DataFrame, emit: (frame: Frame) => void): void;
}

/** The codec in which players get the sound of a stream, and what makes it out of any other. */
export type AudioConversion = {
  readonly codec: AudioCodec;
  /** @param metadata what the publisher has said about itself so far */
  readonly start: (metadata: DataFrame | undefined) => AudioConverter;
};

/** Gives players the sound in the codec that they want. Pictures pass, and so does sound that has this codec. */
export class Convert implements FrameStage {
  /** The codec of sound that passes as it is, which costs one comparison. */
  #passing: AudioCodec | undefined;
  #conversion: AudioConversion | undefined;
  #converter: AudioConverter | undefined;
  #codec: AudioCodec | undefined;
  #metadata: DataFrame | undefined;
  /** The publisher's newest sound header, and whether a converter has it instead of the players. */
  #config: AudioFrame | undefined;
  #isConfigTaken = false;
  #nowMs = 0;
  readonly #emit = (frame: Frame) => this.next.push(frame, this.#nowMs);

  constructor(
    conversion: AudioConversion | undefined,
    readonly next: FrameStage,
  ) {
    this.#conversion = conversion;
  }

  push(frame: Frame, nowMs: number): void {
    if (frame.kind === "video" || (frame.codec === this.#passing && frame.role === "key")) {
      this.next.push(frame, nowMs);
      return;
    }
    this.#nowMs = nowMs;
    if (frame.kind === "audio") this.#takeSound(frame);
    else this.#takeData(frame);
  }

  /** Players want their sound so from now on. */
  switchTo(conversion: AudioConversion): void {
    this.#conversion = conversion;
    this.#converter = undefined;
    this.#isConfigTaken = true;
    this.#passing = undefined;
  }

  #takeSound(frame: AudioFrame): void {
    if (frame.codec !== this.#codec) this.#config = undefined;
    this.#codec = frame.codec;
    if (frame.role === "config") this.#config = frame;
    const conversion = this.#conversion;
    if (conversion === undefined || conversion.codec === frame.codec) this.#pass(frame);
    else this.#convert(frame, conversion);
  }

  #pass(frame: AudioFrame): void {
    if (this.#isConfigTaken) this.#handOver(frame, this.#emit);
    this.#isConfigTaken = false;
    this.#converter = undefined;
    this.#passing = frame.codec;
    this.#emit(frame);
  }

  #convert(frame: AudioFrame, conversion: AudioConversion): void {
    const isNew = this.#converter === undefined;
    const converter = this.#converter ?? conversion.start(this.#metadata);
    this.#converter = converter;
    this.#passing = undefined;
    this.#isConfigTaken = true;
    if (isNew) this.#handOver(frame, (config) => converter.push(config, this.#emit));
    converter.push(frame, this.#emit);
  }

  /** Gives the header that came earlier to whoever begins with `frame`, unless `frame` is a header itself. */
  #handOver(frame: AudioFrame, give: (config: AudioFrame) => void): void {
    if (this.#config !== undefined && frame.role !== "config") {
      give(stampFrame(this.#config, frame.timestampMs));
    }
  }

  #takeData(frame: DataFrame): void {
    if (frame.role === "metadata") this.#metadata = frame;
    if (frame.role === "metadata" && this.#converter !== undefined) this.#converter.push(frame, this.#emit);
    else this.#emit(frame);
  }
}
