import type { TelephonePacket } from "./telephone-packet.ts";

export interface PacketSink {
  /** Packets in order; what is missing between two of them is lost. */
  onPacket(packet: TelephonePacket, nowMs: number): void;
  /** What follows is from another sender, or from one that started anew. */
  onRestart(): void;
}

export type ReorderCounters = { duplicates: number; late: number; lost: number; restarts: number };

/** How long a missing packet is waited for at most, with later ones in hand. */
const MAX_WAIT_MS = 60;
/** On top of the delay that a reordered packet was seen to have. */
const WAIT_MARGIN_MS = 5;
/** Per packet in order: half of the wait is forgotten in about 14 s of 20 ms packets. */
const WAIT_DECAY = 0.999;
/** A power of two, so that sequence numbers map to places also where they wrap. */
const HELD_COUNT = 32;
/** RFC 3550 A.1: what is further away is taken for a restart, once a second packet follows it. */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;
/** A power of two above MAX_MISORDER. */
const MEMORY = 128;
/**
 * A network that doubles packets or lets some wait does so at once, and newer ones come between. A sender has started
 * anew when it sends a row of old numbers at its own pace.
 */
const OLD_ROW_COUNT = 3;
const OLD_ROW_MS = 25;

/**
 * Brings RTP packets in order. Without a history of reordering nothing ever waits: a gap is a loss as soon as the
 * next packet is there. A packet that comes after its successor teaches to wait as long as that one took.
 */
export class ReorderBuffer {
  readonly counters: ReorderCounters = { duplicates: 0, late: 0, lost: 0, restarts: 0 };
  readonly #sink: PacketSink;
  #ssrc: number | undefined;
  #next = 0;
  #newest = 0;
  #suspectedNext = -1;
  /** Old numbers in a row, and since when. */
  #oldCount = 0;
  #oldNext = -1;
  #oldSinceMs = 0;
  #waitMs = 0;
  readonly #held: (TelephonePacket | undefined)[] = new Array(HELD_COUNT).fill(undefined);
  #heldCount = 0;
  /** By sequence number: the last one that came, and since when one was missed. */
  readonly #seen = new Int32Array(MEMORY).fill(-1);
  readonly #missedSinceMs = new Float64Array(MEMORY);

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** For how long a gap is kept open now, 0 to 60. */
  get waitMs(): number {
    return this.#waitMs;
  }

  push(packet: TelephonePacket, nowMs: number): void {
    const { sequenceNumber } = packet;
    if (!this.#belongs(packet, nowMs)) return;
    if (this.#seen[sequenceNumber % MEMORY] === sequenceNumber) {
      this.counters.duplicates += 1;
      return;
    }
    this.#seen[sequenceNumber % MEMORY] = sequenceNumber;
    this.#notice(sequenceNumber, nowMs);
    const ahead = distance(this.#next, sequenceNumber);
    if (ahead === 0) this.#handOut(packet, nowMs);
    else if (ahead > 0) this.#hold(packet, nowMs);
    else this.counters.late += 1;
    this.release(nowMs);
  }

  /** Hands out what need not wait any longer. */
  release(nowMs: number): void {
    while (this.#heldCount > 0) {
      const missedMs = nowMs - (this.#missedSinceMs[this.#next % MEMORY] ?? 0);
      if (this.#held[this.#next % HELD_COUNT] === undefined && missedMs < this.#waitMs) return;
      this.#advance(nowMs);
    }
  }

  /** Whether a packet is of this sender's sequence; a restart makes it so. */
  #belongs({ ssrc, sequenceNumber }: TelephonePacket, nowMs: number): boolean {
    const ahead = distance(this.#next, sequenceNumber);
    if (ssrc === this.#ssrc && !this.#isOldRow(ahead, sequenceNumber, nowMs)) {
      if (ahead <= MAX_DROPOUT && ahead >= -MAX_MISORDER) return true;
      const isSecond = sequenceNumber === this.#suspectedNext;
      this.#suspectedNext = (sequenceNumber + 1) & 0xffff;
      if (!isSecond) return false;
    }
    while (this.#heldCount > 0) this.#advance(nowMs);
    if (this.#ssrc !== undefined) this.counters.restarts += 1;
    this.#ssrc = ssrc;
    this.#next = sequenceNumber;
    this.#newest = sequenceNumber;
    this.#oldCount = 0;
    this.#seen.fill(-1);
    this.#sink.onRestart();
    return true;
  }

  #isOldRow(ahead: number, sequenceNumber: number, nowMs: number): boolean {
    if (ahead >= 0) this.#oldCount = 0;
    else if (this.#oldCount > 0 && sequenceNumber === this.#oldNext) this.#oldCount += 1;
    else {
      this.#oldCount = 1;
      this.#oldSinceMs = nowMs;
    }
    this.#oldNext = (sequenceNumber + 1) & 0xffff;
    return this.#oldCount >= OLD_ROW_COUNT && nowMs - this.#oldSinceMs >= OLD_ROW_MS;
  }

  /** Notes what this packet shows to be missing, or learns from how long it was missed itself. */
  #notice(sequenceNumber: number, nowMs: number): void {
    const step = distance(this.#newest, sequenceNumber);
    if (step >= 0) {
      for (let back = 1; back < Math.min(step, MEMORY); back++) {
        this.#missedSinceMs[((sequenceNumber - back) & 0xffff) % MEMORY] = nowMs;
      }
      this.#newest = sequenceNumber;
      return;
    }
    const delayMs = nowMs - (this.#missedSinceMs[sequenceNumber % MEMORY] ?? 0);
    if (delayMs > MAX_WAIT_MS) return;
    this.#waitMs = Math.max(this.#waitMs, Math.min(delayMs + WAIT_MARGIN_MS, MAX_WAIT_MS));
  }

  #hold(packet: TelephonePacket, nowMs: number): void {
    while (distance(this.#next, packet.sequenceNumber) >= HELD_COUNT) this.#advance(nowMs);
    this.#held[packet.sequenceNumber % HELD_COUNT] = { ...packet, payload: packet.payload.slice() };
    this.#heldCount += 1;
  }

  /** Moves on by one packet, whether it is there or lost. */
  #advance(nowMs: number): void {
    const packet = this.#held[this.#next % HELD_COUNT];
    if (packet !== undefined) {
      this.#held[this.#next % HELD_COUNT] = undefined;
      this.#heldCount -= 1;
      this.#handOut(packet, nowMs);
    } else {
      this.counters.lost += 1;
      this.#next = (this.#next + 1) & 0xffff;
    }
  }

  #handOut(packet: TelephonePacket, nowMs: number): void {
    this.#next = (this.#next + 1) & 0xffff;
    this.#waitMs = this.#waitMs < 1 ? 0 : this.#waitMs * WAIT_DECAY;
    this.#sink.onPacket(packet, nowMs);
  }
}

/** From one sequence number to another, −32,768 to 32,767. */
function distance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
