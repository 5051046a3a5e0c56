import type { Clock, Timer } from "../clock.ts";
import { encodeALaw } from "../codecs/g711/a-law.ts";
import type { CodedAudio } from "../media/audio/coding/coded-audio.ts";
import { FromTelephone } from "../media/sound/telephone/from-telephone.ts";
import { ToTelephone } from "../media/sound/telephone/to-telephone.ts";

const RATE = 8000;
const PACKET_MS = 20;
const PACKET_SAMPLES = (RATE * PACKET_MS) / 1000;
const SPEECH_PACKETS = 50;
/** ISO/IEC 14496-3: 6,144 bits a channel. */
const MAX_FRAME_BYTES = 1536;
/** The engine compiles what runs hot; after so much sound hardly anything gets faster. */
const SOUND_MS = 240_000;
/** A thread works a fifth of the time, so that whatever comes up waits hardly. */
const SLICE_MS = 4;
const SLICE_PERIOD_MS = 20;

/**
 * Lets a thread that has nothing to do yet convert made-up sound both ways, so that the first calls after a start find
 * the codecs compiled. Ends by itself.
 */
export class WarmUp {
  readonly #clock: Clock;
  readonly #toTelephone = new ToTelephone({ codec: "PCMA", ptimeMs: PACKET_MS });
  readonly #fromTelephone = new FromTelephone({
    telephoneCodec: "PCMA",
    target: { codec: "AAC" },
    onCoded: (coded) => this.#hear(coded),
  });
  readonly #speech = makeSpeech();
  /** Like that of the ring: engines compile for the kind of memory, too. */
  readonly #shared = new Uint8Array(new SharedArrayBuffer(MAX_FRAME_BYTES));
  #packetCount = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wait();
  }

  /** Of sound, so far. */
  get #passedMs(): number {
    return this.#packetCount * PACKET_MS;
  }

  /** There is something to do. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get isOver(): boolean {
    return this.#timer === undefined;
  }

  #wait(): void {
    this.#timer = this.#clock.after(SLICE_PERIOD_MS, () => this.#run());
  }

  #run(): void {
    const untilMs = this.#clock.nowMs() + SLICE_MS;
    do this.#convert();
    while (this.#clock.nowMs() < untilMs && this.#passedMs < SOUND_MS);
    if (this.#passedMs < SOUND_MS) this.#wait();
    else this.stop();
  }

  #hear(coded: CodedAudio): void {
    const data = this.#shared.subarray(0, coded.data.byteLength);
    data.set(coded.data);
    this.#toTelephone.push({ ...coded, data }, this.#passedMs);
  }

  #convert(): void {
    const number = this.#packetCount++;
    const at = (number % SPEECH_PACKETS) * PACKET_SAMPLES;
    const packet = {
      sequenceNumber: number & 0xffff,
      rtpTimestamp: number * PACKET_SAMPLES,
      ssrc: 1,
      payloadKind: "PCMA",
      payload: this.#speech.subarray(at, at + PACKET_SAMPLES),
    } as const;
    this.#fromTelephone.push(packet, this.#passedMs);
    this.#fromTelephone.tick(this.#passedMs);
    this.#toTelephone.pull(this.#passedMs);
  }
}

/** A second of something like vowels: a few harmonics of a changing pitch, louder and softer, with silence between. */
function makeSpeech(): Uint8Array {
  const samples = new Float32Array(SPEECH_PACKETS * PACKET_SAMPLES);
  let phase = 0;
  for (let index = 0; index < samples.length; index++) {
    const seconds = index / RATE;
    phase += (2 * Math.PI * (140 + 40 * Math.sin(2 * Math.PI * seconds))) / RATE;
    const loudness = Math.max(0, Math.sin(2 * Math.PI * 4 * seconds));
    let sum = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) sum += Math.sin(harmonic * phase) / harmonic;
    samples[index] = 0.2 * loudness * sum;
  }
  const speech = new Uint8Array(samples.length);
  encodeALaw(samples, speech);
  return speech;
}
