import type { LegMedia } from "../calls/ports.ts";

type Numbers = Omit<LegMedia, "codec">;

const NOTHING_YET: Numbers = {
  concealedMs: 0,
  shortenedMs: 0,
  lengthenedMs: 0,
  droppedMs: 0,
  lateFrames: 0,
  damagedFrames: 0,
  driftPpm: 0,
  receivedPackets: 0,
  lostPackets: 0,
  latePackets: 0,
  foreignPackets: 0,
  badPackets: 0,
  jitterMs: 0,
  sentPackets: 0,
  unsentPackets: 0,
  lostPacketsThere: undefined,
  roundTripMs: undefined,
};

/** In the order in which they stand in the memory; not a number stands for undefined. */
const NAMES: readonly (keyof Numbers)[] = [
  ...(["concealedMs", "shortenedMs", "lengthenedMs", "droppedMs", "lateFrames", "damagedFrames"] as const),
  ...(["driftPpm", "receivedPackets", "lostPackets", "latePackets", "foreignPackets"] as const),
  ...(["badPackets", "jitterMs", "sentPackets", "unsentPackets", "lostPacketsThere", "roundTripMs"] as const),
];

/** Behind them: how long ago the newest packet came, in milliseconds. */
const SILENT = NAMES.length;

/** The counters of one line: its thread writes them many times a second, the main thread reads them when it likes. */
export class LineMedia {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Float64Array;

  /** @param memory another's, from which to read or into which to write; a new one by default */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer((SILENT + 1) * Float64Array.BYTES_PER_ELEMENT);
    this.#numbers = new Float64Array(this.memory);
    if (memory === undefined) this.write(NOTHING_YET, undefined);
  }

  /** @param silentMs since the newest packet; undefined before the first */
  write(media: Numbers, silentMs: number | undefined): void {
    for (let index = 0; index < SILENT; index++) {
      const name = NAMES[index];
      if (name !== undefined) this.#numbers[index] = media[name] ?? Number.NaN;
    }
    this.#numbers[SILENT] = silentMs ?? Number.NaN;
  }

  read(): Numbers {
    const media: { -readonly [Name in keyof Numbers]: Numbers[Name] } = { ...NOTHING_YET };
    for (const [index, name] of NAMES.entries()) {
      const number = this.#at(index);
      if (number !== undefined) media[name] = number;
    }
    return media;
  }

  get silentMs(): number | undefined {
    return this.#at(SILENT);
  }

  #at(index: number): number | undefined {
    const number = this.#numbers[index];
    return Number.isNaN(number) ? undefined : number;
  }
}
