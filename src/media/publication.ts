import type { AudioCodec, Frame } from "./frame.ts";
import { isLater, Splice, stampFrame, type TimeLine } from "./time-line.ts";

export interface Publication {
  push(frame: Frame): void;
  end(): void;
}

export type PublisherInfo = {
  readonly from: string;
  readonly protocol: string;
  /** Another publisher took the stream, or its call ended: close the connection. */
  readonly onReplaced: () => void;
};

/** Turns the sound of one publisher into another codec. */
export interface AudioConverter {
  /**
   * Takes the publisher's sound and metadata in order; `emit` gets what players get instead, at times nothing yet.
   * Throws nothing: what cannot be converted is left out or passed on.
   */
  push(frame: Frame, emit: (frame: Frame) => void): void;
}

/** The codec in which players get the sound of a stream, and what makes it out of any other. */
export type AudioConversion = {
  readonly codec: AudioCodec;
  /** @param metadata what the publisher has said about itself so far */
  readonly start: (metadata: Frame | undefined) => AudioConverter;
};

/** The stream as its publisher's frames reach it. */
export interface Intake {
  readonly timeLine: TimeLine;
  /** Counts what came in; returns the time. */
  arrive(frame: Frame): number;
  /** Remembers the frame, on the players' time line, and hands it out. */
  accept(frame: Frame, nowMs: number): void;
  conversion(): AudioConversion | undefined;
  /** The sound header that players have. */
  audioConfig(): Frame | undefined;
  /** The publisher's sound has begun, or goes on in another codec. */
  noteCodec(codec: AudioCodec): void;
  hasStandIn(): boolean;
  /** The time of its newest sound, on the players' time line; undefined if it had none. */
  endStandIn(): number | undefined;
  leave(): void;
}

/** Whose sound lags further behind his picture than the network and the coders explain has no common time line. */
const MAX_LAG_MS = 1_000;

/** What one publisher pushes, on its way into the stream. */
export class StreamPublication implements Publication {
  /** False once another publisher took the stream, this one left or the stream is closed. */
  isCurrent = true;
  readonly #intake: Intake;
  readonly #splice: Splice;
  readonly #emit = (frame: Frame) => this.#hand(frame);
  #nowMs = 0;
  /** The codec of sound that needs no attention: it passes as it is. */
  #passing: AudioCodec | undefined;
  #pushed: AudioCodec | undefined;
  #converter: AudioConverter | undefined;
  #metadata: Frame | undefined;
  /** The publisher's newest sound header, and whether a converter has it instead of the players. */
  #config: Frame | undefined;
  #isConfigTaken = false;
  #isHeard = false;
  #heldConfig: Frame | undefined;
  #standInEndMs: number | undefined;
  /** The newest header of each kind and the metadata, while players get nothing. */
  #heldBack: Map<Frame["kind"], Frame> | undefined;

  constructor(
    readonly info: PublisherInfo,
    intake: Intake,
    isHeldBack: boolean,
  ) {
    this.#intake = intake;
    this.#splice = new Splice(intake.timeLine);
    if (isHeldBack) this.#heldBack = new Map();
  }

  push(frame: Frame): void {
    if (!this.isCurrent) return;
    this.#nowMs = this.#intake.arrive(frame);
    if (frame.codec === this.#passing) this.#place(frame);
    else if (this.#heldBack === undefined) this.#take(frame);
    else this.#holdBack(frame, this.#heldBack);
  }

  /** What comes from now on reaches players; pictures from the next key frame on, as they do anyway. */
  letThrough(): void {
    const frames = this.#heldBack?.values() ?? [];
    this.#heldBack = undefined;
    for (const frame of frames) this.#take(frame);
  }

  #holdBack(frame: Frame, heldBack: Map<Frame["kind"], Frame>): void {
    if (frame.kind === "audio" && frame.codec !== this.#pushed) {
      this.#notePushed(frame.codec as AudioCodec);
      heldBack.delete("audio");
    }
    if (frame.role === "config" || frame.role === "metadata") heldBack.set(frame.kind, frame);
  }

  #take(frame: Frame): void {
    if (frame.kind === "video") this.#place(frame);
    else if (frame.kind === "audio") this.#takeSound(frame);
    else this.#takeData(frame);
  }

  end(): void {
    if (this.isCurrent) this.#intake.leave();
  }

  /** Players want their sound in another codec from now on. */
  reroute(): void {
    if (this.#passing !== undefined) this.#config = this.#intake.audioConfig();
    this.#isConfigTaken = true;
    this.#passing = undefined;
    this.#converter = undefined;
    this.#heldConfig = undefined;
  }

  #takeSound(frame: Frame): void {
    const codec = frame.codec as AudioCodec;
    if (codec !== this.#pushed) this.#notePushed(codec);
    if (frame.role === "config") this.#config = frame;
    const conversion = this.#intake.conversion();
    if (conversion === undefined || conversion.codec === codec) this.#pass(frame, codec);
    else this.#convert(frame, conversion);
  }

  #notePushed(codec: AudioCodec): void {
    this.#pushed = codec;
    this.#config = undefined;
    this.#intake.noteCodec(codec);
  }

  #pass(frame: Frame, codec: AudioCodec): void {
    if (this.#isConfigTaken) this.#handOver(frame, this.#emit);
    this.#isConfigTaken = false;
    this.#converter = undefined;
    this.#hand(frame);
    if (this.#isHeard) this.#passing = codec;
  }

  #convert(frame: Frame, conversion: AudioConversion): void {
    const isNew = this.#converter === undefined;
    const converter = this.#converter ?? conversion.start(this.#metadata);
    this.#converter = converter;
    this.#passing = undefined;
    this.#isConfigTaken = true;
    if (isNew) this.#handOver(frame, (config) => converter.push(config, this.#emit));
    converter.push(frame, this.#emit);
  }

  /** Gives the header that came earlier to whoever begins with `frame`, unless that is one itself. */
  #handOver(frame: Frame, give: (config: Frame) => void): void {
    if (this.#config !== undefined && frame.role !== "config") {
      give(stampFrame(this.#config, frame.timestampMs));
    }
  }

  #takeData(frame: Frame): void {
    if (frame.role !== "metadata") {
      this.#place(frame);
      return;
    }
    this.#metadata = frame;
    if (this.#converter === undefined) this.#place(frame);
    else this.#converter.push(frame, this.#emit);
  }

  #hand(frame: Frame): void {
    if (!this.#isHeard && frame.kind === "audio") this.#begin(frame);
    else this.#place(frame);
  }

  /**
   * A stand-in is heard until the publisher's first sound; a header alone is none, and its own would be no good for it.
   * Sound that belongs to a picture which came before it can be older than what was heard already: players would
   * stumble over time that goes back, so the little that overlaps is left out.
   */
  #begin(frame: Frame): void {
    const isHeader = frame.role === "config";
    if (isHeader && (this.#intake.hasStandIn() || this.#standInEndMs !== undefined)) {
      this.#heldConfig = frame;
      return;
    }
    this.#standInEndMs ??= this.#intake.endStandIn();
    const { timestampMs } = this.#splice.place(frame, this.#nowMs);
    if (this.#standInEndMs !== undefined && isBehind(timestampMs, this.#standInEndMs)) return;
    this.#isHeard = true;
    if (this.#heldConfig !== undefined) this.#place(stampFrame(this.#heldConfig, frame.timestampMs));
    this.#heldConfig = undefined;
    this.#place(frame);
  }

  #place(frame: Frame): void {
    this.#intake.accept(this.#splice.place(frame, this.#nowMs), this.#nowMs);
  }
}

function isBehind(timestampMs: number, endMs: number): boolean {
  return !isLater(timestampMs, endMs) && isLater(timestampMs, endMs - MAX_LAG_MS);
}
