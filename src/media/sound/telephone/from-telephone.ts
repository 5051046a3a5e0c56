import type { AudioEncoderOptions } from "../../audio/coding/audio-encoder.ts";
import type { OnCodedAudio } from "../../audio/coding/coded-audio.ts";
import { TimedEncoder } from "../../audio/coding/timed-encoder.ts";
import { ReorderBuffer, type ReorderCounters } from "./reorder-buffer.ts";
import { type PlacementCounters, SamplePlacer } from "./sample-placer.ts";
import { rateOf, type TelephoneCodec, type TelephonePacket } from "./telephone-packet.ts";

type FromTelephoneOptions = {
  /** What the telephone side negotiated: it decides the clock. */
  readonly telephoneCodec: TelephoneCodec;
  readonly target: Omit<AudioEncoderOptions, "inputRate">;
  readonly onCoded: OnCodedAudio;
  /** The time of the first frame that is handed out; 0 by default. */
  readonly startTimestampMs?: number;
};

/**
 * Telephone → app: RTP packets in as they arrive, an unbroken line of coded sound out. What is in order is encoded at
 * once; the timestamps count the samples.
 */
export class FromTelephone {
  readonly #placer: SamplePlacer;
  readonly #reorder: ReorderBuffer;

  constructor({ telephoneCodec, target, onCoded, startTimestampMs }: FromTelephoneOptions) {
    const encoder = new TimedEncoder({ ...target, inputRate: rateOf(telephoneCodec) }, startTimestampMs ?? 0);
    this.#placer = new SamplePlacer(telephoneCodec, (samples) => encoder.encode(samples, onCoded));
    this.#reorder = new ReorderBuffer(this.#placer);
  }

  get counters(): Readonly<ReorderCounters & PlacementCounters> {
    return { ...this.#reorder.counters, ...this.#placer.counters };
  }

  push(packet: TelephonePacket, nowMs: number): void {
    this.#reorder.push(packet, nowMs);
  }

  /** Call it each packet time, from the moment that a player may listen: silence comes out where nothing came in. */
  tick(nowMs: number): void {
    this.#reorder.release(nowMs);
    this.#placer.fillUp(nowMs);
  }
}
