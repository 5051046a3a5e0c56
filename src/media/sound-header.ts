import { splitAdts, startsAdts } from "../codecs/aac/adts.ts";
import { encodeAudioSpecificConfig } from "../codecs/aac/audio-specific-config.ts";
import { SAMPLE_RATES } from "../codecs/aac/band-offsets.ts";
import { SOUND_FORMATS } from "../codecs/codec-names.ts";
import type { Logger } from "../log.ts";
import { encodeAudioBody } from "./body/audio-body.ts";
import { areEqualFormats, readAacFormat, type SoundFormat } from "./body/sound-format.ts";
import { TagType, tagToFrame } from "./body/tag-frame.ts";
import type { AudioFrame, Frame, FrameStage } from "./frame.ts";

const FRAME_SAMPLES = 1024;
/** Timestamps are whole milliseconds: so many steps tell 48 kHz from 44.1 kHz. */
const GUESS_STEPS = 8;
/** id_syn_ele of an element with two channels, table 4.85. */
const CHANNEL_PAIR = 1;

/**
 * Gives AAC the header that its publisher forgot, without which nobody can decode it: what ADTS says, or what the first
 * frames look like. ADTS itself, which FLV does not have, is taken off.
 */
export class SoundHeader implements FrameStage {
  #format: SoundFormat | undefined;
  #hasHeader = false;
  #firstMs = 0;
  #stepCount = 0;

  /** @param log names the stream */
  constructor(
    readonly log: Logger,
    readonly next: FrameStage,
  ) {}

  push(frame: Frame, nowMs: number): void {
    if (frame.kind !== "audio" || (frame.body[0] ?? 0) >>> 4 !== SOUND_FORMATS.AAC)
      this.next.push(frame, nowMs);
    else if (frame.role === "config") this.#takeHeader(frame, nowMs);
    else if (frame.body[2] === 0xff) this.#unwrap(frame, nowMs);
    else {
      if (!this.#hasHeader) this.#guess(frame, nowMs);
      this.next.push(frame, nowMs);
    }
  }

  #takeHeader(frame: AudioFrame, nowMs: number): void {
    this.#hasHeader = true;
    this.#format = readAacFormat(frame.body);
    this.next.push(frame, nowMs);
  }

  #unwrap(frame: AudioFrame, nowMs: number): void {
    const bytes = frame.body.subarray(2);
    const units = startsAdts(bytes) ? splitAdts(bytes) : undefined;
    if (units === undefined) {
      this.next.push(frame, nowMs);
      return;
    }
    for (const [index, { accessUnit, ...format }] of units.entries()) {
      const timestampMs =
        (frame.timestampMs + Math.round((index * FRAME_SAMPLES * 1000) / format.sampleRate)) >>> 0;
      if (!areEqualFormats(format, this.#format)) this.#make(format, "ADTS", timestampMs, nowMs);
      this.#pushAac("key", accessUnit, timestampMs, nowMs);
    }
  }

  /** Once the steps between timestamps tell the rate. */
  #guess(frame: AudioFrame, nowMs: number): void {
    if (this.#stepCount++ === 0) this.#firstMs = frame.timestampMs;
    if (this.#stepCount <= GUESS_STEPS) return;
    const stepMs = ((frame.timestampMs - this.#firstMs) | 0) / GUESS_STEPS;
    const sampleRate = nearestRate((FRAME_SAMPLES * 1000) / stepMs);
    const channelCount = (frame.body[2] ?? 0) >>> 5 === CHANNEL_PAIR ? 2 : 1;
    this.#make({ sampleRate, channelCount }, "the first frames", frame.timestampMs, nowMs);
  }

  #make(format: SoundFormat, from: string, timestampMs: number, nowMs: number): void {
    if (!this.#hasHeader) this.log.warn("stream.sound-without-header", { from, ...format });
    this.#hasHeader = true;
    this.#format = format;
    this.#pushAac("config", encodeAudioSpecificConfig(format), timestampMs, nowMs);
  }

  #pushAac(role: AudioFrame["role"], data: Uint8Array, timestampMs: number, nowMs: number): void {
    const frame = tagToFrame(TagType.audio, timestampMs, encodeAudioBody({ codec: "AAC", role, data }));
    if (frame !== undefined) this.next.push(frame, nowMs);
  }
}

/** 48 kHz where the timestamps make no sense, since what lacks a header is most often a telephone's. */
function nearestRate(measured: number): number {
  const usual = 48_000;
  if (!(measured >= 7_000 && measured <= 100_000)) return usual;
  const distance = (rate: number) => Math.abs(Math.log(rate / measured));
  return SAMPLE_RATES.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best), usual);
}
