import { listOwnAddresses, plainAddress } from "../addresses.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";

export type HostWatchOptions = {
  readonly host: string;
  /** All addresses of a name. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
  /** The addresses of this machine. */
  readonly listOwn?: () => readonly string[];
  /** Gets every address again with each look-up. */
  readonly onAddress: (address: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Addresses change: a name's when FreeSWITCH moves, this machine's with its network. */
const LOOKUP_MS = 30_000;

export type HostWatch = Disposable & {
  /** Whether FreeSWITCH calls from there; what was its address once still counts. */
  readonly has: (address: string) => boolean;
};

/** Tells from which addresses FreeSWITCH may call us. On this machine it may use any: a profile of it has but one. */
export function watchHost(options: HostWatchOptions): HostWatch {
  const { host, lookUp, onAddress, clock, log } = options;
  const listOwn = options.listOwn ?? (() => listOwnAddresses().map(({ address }) => address));
  const known = new Set<string>();
  let isUnknown = false;
  const refresh = async () => {
    try {
      const addresses = await lookUp(host);
      const own = listOwn();
      const isHere = addresses.some((address) => own.includes(address));
      for (const address of isHere ? own : addresses) {
        known.add(plainAddress(address));
        onAddress(address);
      }
      isUnknown = false;
    } catch (thrown) {
      if (!isUnknown) log.warn("freeswitch.unknown-host", { host, reason: messageOf(thrown) });
      isUnknown = true;
    }
  };
  void refresh();
  const timer = clock.every(LOOKUP_MS, () => void refresh());
  return { has: (address) => known.has(plainAddress(address)), [Symbol.dispose]: () => timer.cancel() };
}
