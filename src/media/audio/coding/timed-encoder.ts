import { AudioEncoder, type AudioEncoderOptions } from "./audio-encoder.ts";
import type { CodedAudio, OnCodedAudio } from "./coded-audio.ts";

/** Coded frames with timestamps from the count of samples, the config before the first. */
export class TimedEncoder {
  readonly #encoder: AudioEncoder;
  readonly #msPerSample: number;
  readonly #frameMs: number;
  readonly #coded: { -readonly [Member in keyof CodedAudio]: CodedAudio[Member] };
  /** When the first sample of the next frame is, and of the next sample that comes in. Not rounded, do not wrap. */
  #frameAtMs: number;
  #sampleAtMs: number;
  #isConfigOut = false;
  #onCoded: OnCodedAudio = () => {};

  constructor(options: AudioEncoderOptions, startMs: number) {
    this.#encoder = new AudioEncoder(options);
    this.#msPerSample = 1000 / options.inputRate;
    this.#frameMs = (1000 * this.#encoder.frameSampleCount) / this.#encoder.sampleRate;
    this.#frameAtMs = startMs;
    this.#sampleAtMs = startMs;
    this.#coded = {
      codec: options.codec,
      role: "key",
      timestampMs: 0,
      data: new Uint8Array(0),
      sampleRate: this.#encoder.sampleRate,
      channelCount: 1,
    };
  }

  /** The time of the next sample that comes in. */
  get sampleAtMs(): number {
    return this.#sampleAtMs;
  }

  /** The time of the next frame that comes out: up to there sound is coded. */
  get frameAtMs(): number {
    return this.#frameAtMs;
  }

  /** Moves the time of all that follows, what waits for a full frame included. */
  shift(byMs: number): void {
    this.#sampleAtMs += byMs;
    this.#frameAtMs += byMs;
  }

  /** Hands out each frame that became full; the codec's own delay (at most 43 ms of AAC) stays in the sound. */
  encode(samples: Float32Array, onCoded: OnCodedAudio): void {
    this.#onCoded = onCoded;
    this.#sampleAtMs += samples.length * this.#msPerSample;
    this.#encoder.encode(samples, this.#handOut);
  }

  readonly #handOut = (data: Uint8Array): void => {
    this.#coded.timestampMs = Math.round(this.#frameAtMs) >>> 0;
    if (!this.#isConfigOut && this.#encoder.config !== undefined) {
      this.#coded.role = "config";
      this.#coded.data = this.#encoder.config;
      this.#onCoded(this.#coded);
    }
    this.#isConfigOut = true;
    this.#coded.role = "key";
    this.#coded.data = data;
    this.#frameAtMs += this.#frameMs;
    this.#onCoded(this.#coded);
  };
}
