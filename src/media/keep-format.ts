import { areEqualBytes } from "../bytes/equal.ts";
import type { Clock } from "../clock.ts";
import { AacEncoder } from "../codecs/aac/encoder.ts";
import type { Logger } from "../log.ts";
import { AudioDecoder } from "./audio/coding/audio-decoder.ts";
import type { CodedAudio } from "./audio/coding/coded-audio.ts";
import { TimedEncoder } from "./audio/coding/timed-encoder.ts";
import { follow } from "./audio/coding/transcoder.ts";
import { decodeAudioBody } from "./body/audio-body.ts";
import { areEqualFormats, readAacFormat, type SoundFormat } from "./body/sound-format.ts";
import type { AudioFrame, Frame, FrameStage } from "./frame.ts";
import { SoundAllowance } from "./sound/sound-allowance.ts";
import { SoundFrames } from "./sound/sound-frames.ts";

/** What players of a stream have been given. */
interface PlayersSound {
  /** The AAC header that players decode by; undefined if there are none, or they have none. */
  readonly soundHeader: Uint8Array | undefined;
}

type KeepFormatOptions = {
  readonly players: PlayersSound;
  readonly clock: Clock;
  /** Names the stream. */
  readonly log: Logger;
};

/**
 * Lets players have one format of AAC as long as they stay: browsers' decoders die of another rate. What a publisher
 * brings in another format is decoded and coded anew, some 50 ms later; what has it passes untouched. A format that is
 * not encoded here, with two channels, gives way.
 */
export class KeepFormat implements FrameStage {
  #recoder: Recoder | undefined;

  constructor(
    readonly options: KeepFormatOptions,
    readonly next: FrameStage,
  ) {}

  push(frame: Frame, nowMs: number): void {
    if (frame.kind !== "audio" || frame.codec !== "AAC") this.next.push(frame, nowMs);
    else if (frame.role === "config") this.#takeHeader(frame, nowMs);
    else if (this.#recoder === undefined) this.next.push(frame, nowMs);
    else this.#recoder.push(frame, nowMs);
  }

  #takeHeader(frame: AudioFrame, nowMs: number): void {
    if (this.#recoder !== undefined && areEqualBytes(this.#recoder.header, frame.body)) return;
    const kept = this.options.players.soundHeader;
    const format = kept && readAacFormat(kept);
    const own = readAacFormat(frame.body);
    this.#recoder = undefined;
    if (kept === undefined || format === undefined || own === undefined) this.next.push(frame, nowMs);
    else if (areEqualFormats(format, own) || !canEncode(format)) this.next.push(frame, nowMs);
    else {
      this.#recoder = new Recoder(format, frame.body, this.options, this.next);
      this.#recoder.push(frame, nowMs);
      this.next.push({ ...frame, body: kept, wire: [] }, nowMs);
      this.options.log.info("stream.sound-recoded", { from: own.sampleRate, to: format.sampleRate });
    }
  }
}

function canEncode({ sampleRate, channelCount }: SoundFormat): boolean {
  return channelCount === 1 && AacEncoder.takes(sampleRate);
}

/** From AAC to AAC. */
class Recoder {
  readonly #decoder: AudioDecoder;
  readonly #allowance: SoundAllowance;
  readonly #frames = new SoundFrames((frame) => this.next.push(frame, this.#nowMs));
  #encoder: TimedEncoder | undefined;
  #nowMs = 0;
  /** Players have the config. */
  readonly #onCoded = (coded: CodedAudio): void => {
    if (coded.role !== "config") this.#frames.push("AAC", coded);
  };

  constructor(
    readonly format: SoundFormat,
    /** The body of the header that this decodes by. */
    readonly header: Uint8Array,
    { clock, log }: KeepFormatOptions,
    readonly next: FrameStage,
  ) {
    this.#decoder = new AudioDecoder(format.sampleRate);
    this.#allowance = new SoundAllowance(clock, log, "AAC");
  }

  push(frame: AudioFrame, nowMs: number): void {
    const body = decodeAudioBody(frame.body);
    if (body === undefined || !this.#allowance.take(body)) return;
    const { timestampMs } = frame;
    const samples = this.#decoder.decode({ ...body, timestampMs });
    if (samples.length === 0) return;
    this.#nowMs = nowMs;
    const { sampleRate } = this.format;
    this.#encoder ??= new TimedEncoder(
      { codec: "AAC", inputRate: sampleRate, aacRate: sampleRate },
      timestampMs,
    );
    follow(this.#encoder, timestampMs);
    this.#encoder.encode(samples, this.#onCoded);
  }
}
