import type { StreamAction } from "../media/gate.ts";
import { networkOf } from "../users/throttle.ts";
import type { Side } from "./machine.ts";
import type { ClientLink } from "./ports.ts";

/** Who may use a stream that a client named, without its token. */
export interface StreamGuests {
  /** @param from the peer's address */
  admits(action: StreamAction, from: string): boolean;
}

/**
 * For a stream of a call between clients: who pushes it may publish it from where its signaling is now, and either may
 * play it from there.
 */
export function guestsFromClients(
  pushing: Side,
  clients: Readonly<Partial<Record<Side, Pick<ClientLink, "address">>>>,
): StreamGuests {
  return {
    admits(action, from) {
      const known = action === "publish" ? [clients[pushing]] : [clients.caller, clients.callee];
      return known.some((client) => client !== undefined && placeOf(client.address) === placeOf(from));
    },
  };
}

/** For the streams of a call that was ordered for an app, which has no signaling: whoever comes first, from there. */
export function guestsByFirstCome(): StreamGuests {
  let place: string | undefined;
  return {
    admits(_, from) {
      place ??= placeOf(from);
      return place === placeOf(from);
    },
  };
}

/** A subscriber's network, and this machine by whatever address of its loopback. */
function placeOf(address: string): string {
  return address === "::1" ? "127.0.0.1" : networkOf(address);
}
