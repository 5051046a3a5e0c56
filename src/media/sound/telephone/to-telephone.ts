import { encodeALaw } from "../../../codecs/g711/a-law.ts";
import { encodeULaw } from "../../../codecs/g711/u-law.ts";
import { encodeL16 } from "../../../codecs/pcm/l16.ts";
import { AudioDecoder } from "../../audio/coding/audio-decoder.ts";
import type { CodedAudio } from "../../audio/coding/coded-audio.ts";
import { PlayoutBuffer, type PlayoutCounters } from "../../audio/playout/playout-buffer.ts";
import { rateOf, type TelephoneCodec } from "./telephone-packet.ts";

export type ToTelephoneOptions = {
  readonly codec: TelephoneCodec;
  /** How much sound is in each packet, 10 to 60. */
  readonly ptimeMs: number;
};

/** App → telephone: coded sound of a stream in, one packet's payload out on each beat of the telephone's clock. */
export class ToTelephone {
  readonly #codec: TelephoneCodec;
  readonly #decoder: AudioDecoder;
  readonly #playout: PlayoutBuffer;
  readonly #samples: Float32Array;
  readonly #payload: Uint8Array;

  constructor({ codec, ptimeMs }: ToTelephoneOptions) {
    const sampleRate = rateOf(codec);
    const sampleCount = Math.round((sampleRate * ptimeMs) / 1000);
    this.#codec = codec;
    this.#decoder = new AudioDecoder(sampleRate);
    this.#playout = new PlayoutBuffer({ sampleRate, frameMs: ptimeMs });
    this.#samples = new Float32Array(sampleCount);
    this.#payload = new Uint8Array(codec === "L16" ? 2 * sampleCount : sampleCount);
  }

  get playout(): PlayoutCounters {
    return this.#playout.counters;
  }

  get damagedCount(): number {
    return this.#decoder.damagedCount;
  }

  /**
   * Sound that cannot be decoded (MP3, Opus, unknown) is passed over. Throws AppError `peer` for a config or rate that
   * cannot be decoded, once; pulling goes on with comfort noise.
   */
  push(coded: CodedAudio, nowMs: number): void {
    const samples = this.#decoder.decode(coded);
    if (samples.length > 0) this.#playout.push(coded.timestampMs, samples, nowMs);
  }

  /** A new publisher took the stream: its time has nothing to do with what was before. */
  restart(): void {
    this.#playout.restart();
  }

  /** Exactly one packet's payload, always: sound, concealment or comfort noise. A view, valid until the next call. */
  pull(nowMs: number): Uint8Array {
    this.#playout.pull(this.#samples, nowMs);
    if (this.#codec === "PCMA") encodeALaw(this.#samples, this.#payload);
    else if (this.#codec === "PCMU") encodeULaw(this.#samples, this.#payload);
    else encodeL16(this.#samples, this.#payload, false);
    return this.#payload;
  }
}
