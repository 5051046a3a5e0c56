import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { AudioBody } from "../body/audio-body.ts";

/** What a network may hold back and then deliver at once. */
const BURST_MS = 30_000;
/** How much faster than time sound may come all along: no honest clock drifts so far. */
const PACE = 2;
/** An AAC frame costs the same at any rate; it counts like one at 48 kHz. */
const AAC_FRAME_MS = 1024 / 48;
/** Nobody pushes so long a frame: it would crowd out the sound of others on its way to a voice thread. */
const MAX_FRAME_BYTES = 65_536;
/** What a frame costs besides its sound. */
const FRAME_MS = 1;

/**
 * Limits how much of one publisher's sound is coded, however fast it pushes: coding costs time, passing does not.
 * A flood is logged once.
 */
export class SoundAllowance {
  #leftMs = BURST_MS;
  #atMs: number;
  #isFloodLogged = false;

  /**
   * @param log names the stream
   * @param to what the sound is coded for: a codec or a listener
   */
  constructor(
    readonly clock: Clock,
    readonly log: Logger,
    readonly to: string,
  ) {
    this.#atMs = clock.nowMs();
  }

  /** Returns false, and takes nothing, if it is too much by now. */
  take(body: AudioBody): boolean {
    const nowMs = this.clock.nowMs();
    this.#leftMs = Math.min(BURST_MS, this.#leftMs + (nowMs - this.#atMs) * PACE);
    this.#atMs = nowMs;
    const soundMs = FRAME_MS + lengthMs(body);
    if (soundMs > this.#leftMs || body.data.length > MAX_FRAME_BYTES) {
      this.#logFlood(body);
      return false;
    }
    this.#leftMs -= soundMs;
    return true;
  }

  #logFlood({ codec }: AudioBody): void {
    if (this.#isFloodLogged) return;
    this.#isFloodLogged = true;
    this.log.warn("stream.sound-flood", { from: codec, to: this.to });
  }
}

function lengthMs({ codec, data, sampleRate, channelCount }: AudioBody): number {
  if (codec === "AAC") return AAC_FRAME_MS;
  const sampleBytes = codec === "L16" ? 2 : 1;
  return (1000 * data.length) / (sampleBytes * channelCount * sampleRate);
}
