import { closeSync, openSync } from "node:fs";
import type { Clock, Timer } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { readDescriptorLimit } from "./descriptor-limit.ts";

/** What can do with fewer descriptors for a while. */
export interface Relievable {
  stopListening(): void;
  /** Does nothing where it listens. */
  listenAgain(): void;
  /** So many connections of strangers are closed, those that came first. */
  expelStrangers(count: number): void;
}

export type DescriptorWatchOptions = {
  readonly members: readonly Relievable[];
  /** How many the process may have; undefined where that is not known. */
  readonly limit: number | undefined;
  /** The lowest number that is free, which tells that all below are taken; undefined when none is left. */
  readonly findFree: () => number | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

const LOOK_MS = 250;
/** Kept for calls, records and FreeSWITCH: a sixteenth, and no more than this. */
const MAX_RESERVE = 256;
const SHARE_OF_RESERVE = 16;

/**
 * Stops listening when the process runs out of descriptors, and makes strangers go. A listener that cannot take who is
 * waiting would be woken again and again for nothing, and those who talk would find no port.
 */
export class DescriptorWatch implements Disposable {
  readonly #looking: Timer;
  #isScarce = false;

  constructor(readonly options: DescriptorWatchOptions) {
    this.#looking = options.clock.every(LOOK_MS, () => this.#look());
  }

  [Symbol.dispose](): void {
    this.#looking.cancel();
  }

  #look(): void {
    const { members, limit = Number.POSITIVE_INFINITY, findFree, log } = this.options;
    const reserve = Math.min(MAX_RESERVE, Math.ceil(limit / SHARE_OF_RESERVE));
    const free = findFree();
    const wasScarce = this.#isScarce;
    this.#isScarce = free === undefined || free > limit - reserve;
    if (this.#isScarce) {
      if (!wasScarce) log.error("descriptors.scarce", { limit: this.options.limit });
      for (const member of members) {
        member.stopListening();
        member.expelStrangers(reserve);
      }
    } else if (wasScarce) {
      log.info("descriptors.enough");
      for (const member of members) member.listenAgain();
    }
  }
}

/** Those of this process, on Linux. */
export function watchDescriptors(
  servers: readonly (Relievable | undefined)[],
  clock: Clock,
  log: Logger,
): DescriptorWatch {
  const members = servers.filter((server) => server !== undefined);
  return new DescriptorWatch({
    members,
    limit: readDescriptorLimit(),
    findFree: findFreeDescriptor,
    clock,
    log,
  });
}

/** The system gives the lowest one. */
function findFreeDescriptor(): number | undefined {
  try {
    const descriptor = openSync("/dev/null", "r");
    closeSync(descriptor);
    return descriptor;
  } catch {
    return undefined;
  }
}
