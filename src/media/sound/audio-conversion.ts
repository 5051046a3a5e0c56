import { areEqualBytes } from "../../bytes/equal.ts";
import type { Clock } from "../../clock.ts";
import { type AppError, expectPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { AudioDecoder } from "../audio/coding/audio-decoder.ts";
import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import { Transcoder } from "../audio/coding/transcoder.ts";
import { type AudioBody, decodeAudioBody } from "../body/audio-body.ts";
import { readAudioSampleRate } from "../body/metadata.ts";
import type { AudioConversion, AudioConverter } from "../conversion.ts";
import type { AudioFrame, DataFrame, Frame } from "../frame.ts";
import { stampFrame } from "../time-line.ts";
import { SoundAllowance } from "./sound-allowance.ts";
import { SoundFrames } from "./sound-frames.ts";

/** The limit for one publisher: one that sends another bad header all the time would fill the log. */
const MAX_LOGGED_REFUSALS = 5;

/** Sound for players that want `codec`; `log` names the stream. */
export function createConversion(codec: EncodedCodec, clock: Clock, log: Logger): AudioConversion {
  return { codec, start: (metadata) => new FlvAudioConverter(codec, metadata, clock, log) };
}

/** From FLV bodies to FLV bodies. What cannot be decoded passes as it is: better a player that can than none. */
class FlvAudioConverter implements AudioConverter {
  readonly #transcoder: Transcoder;
  readonly #allowance: SoundAllowance;
  /** What the publisher says of L16 whose rate FLV cannot name. */
  #specialRate: number | undefined;
  /** What the decoder refused; the like of it passes. */
  #refused: Pick<AudioBody, "codec" | "data"> | undefined;
  #refusalCount = 0;
  #emit: (frame: Frame) => void = () => {};
  readonly #frames = new SoundFrames((frame) => this.#emit(frame));
  readonly #onCoded = (coded: CodedAudio): void => this.#frames.push(this.codec, coded);

  constructor(
    readonly codec: EncodedCodec,
    metadata: DataFrame | undefined,
    clock: Clock,
    readonly log: Logger,
  ) {
    this.#allowance = new SoundAllowance(clock, log, codec);
    this.#transcoder = new Transcoder(codec);
    if (metadata !== undefined) this.#specialRate = readAudioSampleRate(metadata.body);
  }

  push(frame: AudioFrame | DataFrame, emit: (frame: Frame) => void): void {
    this.#emit = emit;
    if (frame.kind === "audio") this.#convert(frame);
    else this.#describe(frame);
  }

  #convert(frame: AudioFrame): void {
    const body = decodeAudioBody(frame.body, this.#specialRate);
    if (body === undefined) {
      if (!AudioDecoder.canDecode(frame.codec)) this.#emit(frame);
      return;
    }
    if (this.#isRefused(body)) {
      this.#emit(frame);
      return;
    }
    if (!this.#allowance.take(body)) return;
    const { timestampMs } = frame;
    try {
      this.#transcoder.push({ ...body, timestampMs }, this.#onCoded);
    } catch (thrown) {
      this.#noteRefusal(body, expectPeerFault(thrown));
      this.#emit(frame);
    }
  }

  #noteRefusal({ codec, data }: AudioBody, reason: AppError): void {
    this.#refused = { codec, data };
    this.#refusalCount += 1;
    if (this.#refusalCount > MAX_LOGGED_REFUSALS) return;
    this.log.warn("stream.sound-not-converted", { from: codec, to: this.codec, reason: messageOf(reason) });
  }

  /** Until another header or codec comes. */
  #isRefused({ codec, role, data }: AudioBody): boolean {
    if (this.#refused === undefined) return false;
    const isAnother = role === "config" && !areEqualBytes(data, this.#refused.data);
    if (codec !== this.#refused.codec || isAnother) this.#refused = undefined;
    return this.#refused !== undefined;
  }

  /** Our metadata comes last, since the publisher's no longer fits the sound. */
  #describe(metadata: DataFrame): void {
    this.#specialRate = readAudioSampleRate(metadata.body);
    this.#emit(metadata);
    const { l16Metadata } = this.#frames;
    if (l16Metadata !== undefined) this.#emit(stampFrame(l16Metadata, metadata.timestampMs));
  }
}
