import type { Clock, Timer } from "../clock.ts";
import type { LogFields, Logger } from "../log.ts";
import { networkOf } from "../users/throttle.ts";

/** Lines of one event in a minute: about one address, and about all addresses together. */
const MOST_OF_ADDRESS = 20;
const MOST_OF_EVENT = 200;
const PERIOD_MS = 60_000;
const MAX_TALLIES = 10_000;

/** So many lines were written, and so many more left out. */
type Tally = { count: number; more: number };

export type QuietLog = Disposable & { readonly log: Logger };

/**
 * A log in which strangers write little: of the warnings and errors that name an address, so many lines a minute stand, and
 * at its end one tells how many more there were.
 */
export function quieten(log: Logger, clock: Clock): QuietLog {
  const events = new Map<string, Tally>();
  const addresses = new Map<string, Tally>();
  let period: Timer | undefined;

  function allows(event: string, from: string): boolean {
    period ??= clock.after(PERIOD_MS, endPeriod);
    const ofAddress = tallyOf(addresses, `${event} ${networkOf(addressOf(from))}`);
    const ofEvent = tallyOf(events, event);
    if (ofAddress.count < MOST_OF_ADDRESS && ofEvent.count < MOST_OF_EVENT) {
      ofAddress.count += 1;
      ofEvent.count += 1;
      return true;
    }
    ofEvent.more += 1;
    return false;
  }

  function endPeriod(): void {
    period = undefined;
    for (const [event, { more }] of events) if (more > 0) log.warn(event, { more });
    events.clear();
    addresses.clear();
  }

  function bind(inner: Logger, contextFrom: LogFields[string]): Logger {
    const at = (level: "warn" | "error") => (event: string, fields?: LogFields) => {
      const from = fields?.from ?? contextFrom;
      if (typeof from !== "string" || allows(event, from)) inner[level](event, fields);
    };
    return {
      debug: (event, fields) => inner.debug(event, fields),
      info: (event, fields) => inner.info(event, fields),
      warn: at("warn"),
      error: at("error"),
      with: (fields) => bind(inner.with(fields), fields.from ?? contextFrom),
    };
  }
  return {
    log: bind(log, undefined),
    [Symbol.dispose]() {
      period?.cancel();
      endPeriod();
    },
  };
}

/** Of more addresses than can be kept the lines stand as far as the event has not too many. */
function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const made = { count: 0, more: 0 };
  if (tallies.size < MAX_TALLIES) tallies.set(name, made);
  return made;
}

/** Without the port: `192.0.2.1:5060`, `[2001:db8::1]:5060`, or an address alone. */
function addressOf(from: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(from)?.[1];
  return bracketed ?? (from.split(":").length === 2 ? from.replace(/:\d+$/, "") : from);
}
