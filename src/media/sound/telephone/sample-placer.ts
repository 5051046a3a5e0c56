import { decodeALaw } from "../../../codecs/g711/a-law.ts";
import { decodeULaw } from "../../../codecs/g711/u-law.ts";
import { ComfortNoise, decodeComfortNoise } from "../../../codecs/pcm/comfort-noise.ts";
import { Concealer } from "../../../codecs/pcm/concealer.ts";
import { decodeL16 } from "../../../codecs/pcm/l16.ts";
import { SampleBuffer } from "../../audio/coding/sample-buffer.ts";
import type { PacketSink } from "./reorder-buffer.ts";
import { rateOf, type TelephoneCodec, type TelephonePacket } from "./telephone-packet.ts";

export type PlacementCounters = {
  /** Of concealment or comfort noise in the place of sound. */
  filledMs: number;
  /** Of sound left out, quiet if possible, because more had come than time had passed. */
  skippedMs: number;
  /** Packets whose place had been filled before they came. */
  tooLate: number;
  /** Jumps of the sender's time, or of the network's delay, that were followed. */
  resyncs: number;
  /** Packets of another rate than the line's, or of impossible length. */
  malformed: number;
};

/**
 * What should have come is filled in so much behind the real time: with packets of 20 ms when nothing came for 100 ms,
 * with longer ones later, or a packet would come too late for its own place.
 */
const PATIENCE_MS = 80;
const FILL_MS = 20;
/** After a process has slept, what is beyond is not made up for. */
const MAX_FILL_MS = 1_000;
/** A gap in the sender's time that is so much longer than the real one is a jump, not silence. */
const JUMP_MS = 250;
/** When packets have come too late for their places for so long, the places are moved. */
const LATE_MS = 100;
/** What is further ahead of the real time would wait in the player for the rest of the call: quiet sound goes. */
const AHEAD_MS = 120;
/** And here any sound: no line drains that much at once. */
const FAR_AHEAD_MS = 1_000;
/** So far behind the line is where a sender's time runs too slow: what is missing is made up, or players would stall. */
const FAR_BEHIND_MS = 1_000;
/** −40 dB of full scale: nobody speaks. */
const QUIET_PEAK = 0.01;
/** How slowly the sender's clock is followed: one that is 100 ppm fast seems 60 ms ahead. */
const DRIFT_TIME_MS = 600_000;
const MAX_PACKET_MS = 240;

/**
 * Gives the sound of each RTP packet its place on an unbroken line of samples: what is missing is concealed, or is
 * comfort noise where the sender said that it is silent (RFC 3389); what comes after its place was filled is dropped.
 * So the line runs neither behind nor ahead of the telephone.
 */
export class SamplePlacer implements PacketSink {
  readonly counters: PlacementCounters = { filledMs: 0, skippedMs: 0, tooLate: 0, resyncs: 0, malformed: 0 };
  readonly #rate: number;
  readonly #samplesPerMs: number;
  readonly #concealer: Concealer;
  readonly #noise = new ComfortNoise(2);
  readonly #buffer = new SampleBuffer();
  readonly #packet = new SampleBuffer();
  readonly #onSamples: (samples: Float32Array) => void;
  #isSilent = true;
  /** The RTP timestamp, as 32 bits, of the line's next sample. None before the first packet of a sender. */
  #nextTimestamp: number | undefined;
  /** The real time up to which the line goes, if the last packet came in time. */
  #filledToMs: number | undefined;
  /** The same, if the first one did: further ahead, more sound has come than time has passed. */
  #paidToMs: number | undefined;
  #lateSinceMs: number | undefined;
  /** Of the newest one. */
  #packetMs = FILL_MS;

  /** Takes any codec of the same rate. `onSamples` gets views that are valid during the call. */
  constructor(codec: TelephoneCodec, onSamples: (samples: Float32Array) => void) {
    this.#rate = rateOf(codec);
    this.#samplesPerMs = this.#rate / 1000;
    this.#concealer = new Concealer(this.#rate, 3);
    this.#noise.level = 0;
    this.#onSamples = onSamples;
  }

  onRestart(): void {
    this.#nextTimestamp = undefined;
    this.#lateSinceMs = undefined;
  }

  onPacket(packet: TelephonePacket, nowMs: number): void {
    if (packet.payloadKind === "CN") this.#beSilent(packet, nowMs);
    else if (packet.payloadKind === "other") return;
    else if (rateOf(packet.payloadKind) === this.#rate) this.#place(packet, packet.payloadKind, nowMs);
    else this.counters.malformed += 1;
  }

  /** Puts something in the place of what should have come by now. */
  fillUp(nowMs: number): void {
    this.#filledToMs ??= nowMs;
    const patienceMs = PATIENCE_MS + this.#packetMs;
    const sleptMs = nowMs - patienceMs - MAX_FILL_MS - this.#filledToMs;
    if (sleptMs > 0) this.#advance(sleptMs);
    while (nowMs - this.#filledToMs > patienceMs) this.#fill(FILL_MS * this.#samplesPerMs);
    while (nowMs - (this.#paidToMs ?? nowMs) > FAR_BEHIND_MS) this.#insert(FILL_MS * this.#samplesPerMs);
  }

  #place({ rtpTimestamp, payload }: TelephonePacket, codec: TelephoneCodec, nowMs: number): void {
    const sampleCount = codec === "L16" ? payload.length >> 1 : payload.length;
    if (sampleCount === 0 || sampleCount > MAX_PACKET_MS * this.#samplesPerMs) {
      this.counters.malformed += 1;
      return;
    }
    this.#packetMs = sampleCount / this.#samplesPerMs;
    let gap = this.#gapBefore(rtpTimestamp, nowMs);
    if (gap !== undefined && gap <= -sampleCount) {
      this.#lateSinceMs ??= nowMs;
      if (nowMs - this.#lateSinceMs < LATE_MS) {
        this.counters.tooLate += 1;
        return;
      }
      gap = undefined;
    }
    this.#lateSinceMs = undefined;
    gap ??= this.#moveTo(rtpTimestamp, sampleCount, nowMs);
    const packet = this.#packet.take(sampleCount);
    if (codec === "PCMA") decodeALaw(payload, packet);
    else if (codec === "PCMU") decodeULaw(payload, packet);
    else decodeL16(payload, packet, false);
    if (gap > 0) {
      if (!this.#isSilent) this.#concealer.leadTo(packet, sampleCount, gap);
      this.#fill(gap);
    }
    // Rare, so that a new view does no harm.
    this.#play(gap < 0 ? packet.subarray(-gap) : packet, nowMs);
  }

  /** Samples between the end of the line and a packet; none where their times have nothing to do with each other. */
  #gapBefore(rtpTimestamp: number, nowMs: number): number | undefined {
    if (this.#nextTimestamp === undefined) return undefined;
    const gap = (rtpTimestamp - this.#nextTimestamp) | 0;
    // By #paidToMs too, or a sender whose time runs too fast would have the line filled without end.
    const linesEndMs = Math.max(this.#filledToMs ?? nowMs, this.#paidToMs ?? nowMs);
    const mostMs = Math.max(0, nowMs - linesEndMs + JUMP_MS);
    return gap > mostMs * this.#samplesPerMs ? undefined : gap;
  }

  /** Puts the place of a packet at the end of the line, which is brought up to the real time before. */
  #moveTo(rtpTimestamp: number, sampleCount: number, nowMs: number): number {
    if (this.#nextTimestamp !== undefined) this.counters.resyncs += 1;
    if (!this.#isSilent) this.#concealer.seam();
    const packetAtMs = nowMs - sampleCount / this.#samplesPerMs;
    const missingMs = Math.min(
      packetAtMs - (this.#filledToMs ?? packetAtMs),
      PATIENCE_MS + this.#packetMs + MAX_FILL_MS,
    );
    if (missingMs > 0) this.#fill(Math.floor(missingMs * this.#samplesPerMs));
    this.#nextTimestamp = rtpTimestamp | 0;
    return 0;
  }

  #play(samples: Float32Array, nowMs: number): void {
    this.#isSilent = false;
    this.#nextTimestamp = ((this.#nextTimestamp ?? 0) + samples.length) | 0;
    const lengthMs = samples.length / this.#samplesPerMs;
    this.#filledToMs = nowMs;
    const aheadMs = (this.#paidToMs ?? nowMs - lengthMs) + lengthMs - nowMs;
    if (aheadMs > FAR_AHEAD_MS || (aheadMs > AHEAD_MS && isQuiet(samples))) {
      this.counters.skippedMs += lengthMs;
      this.#concealer.seam();
      return;
    }
    this.#paidToMs = nowMs + aheadMs * (1 - lengthMs / DRIFT_TIME_MS);
    this.#concealer.good(samples);
    this.#onSamples(samples);
  }

  #beSilent({ rtpTimestamp, payload }: TelephonePacket, nowMs: number): void {
    const gap = this.#gapBefore(rtpTimestamp, nowMs) ?? 0;
    if (gap > 0) this.#fill(gap);
    this.#noise.level = decodeComfortNoise(payload).level;
    this.#isSilent = true;
  }

  /** In the place of sound that did not come. */
  #fill(sampleCount: number): void {
    this.#insert(sampleCount);
    if (this.#nextTimestamp !== undefined) this.#nextTimestamp = (this.#nextTimestamp + sampleCount) | 0;
  }

  /** Between sounds that follow each other. */
  #insert(sampleCount: number): void {
    const wholeCount = FILL_MS * this.#samplesPerMs;
    for (let left = sampleCount; left > 0; left -= wholeCount) {
      const samples = this.#buffer.take(Math.min(left, wholeCount));
      if (this.#isSilent) this.#noise.fill(samples);
      else this.#concealer.conceal(samples);
      this.#onSamples(samples);
    }
    const filledMs = sampleCount / this.#samplesPerMs;
    this.counters.filledMs += filledMs;
    this.#advance(filledMs);
  }

  #advance(ms: number): void {
    if (this.#filledToMs !== undefined) this.#filledToMs += ms;
    if (this.#paidToMs !== undefined) this.#paidToMs += ms;
  }
}

function isQuiet(samples: Float32Array): boolean {
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i] ?? 0) > QUIET_PEAK) return false;
  }
  return true;
}
