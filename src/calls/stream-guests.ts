import { networkOf } from "../users/throttle.ts";
import type { Side } from "./machine.ts";
import type { ClientLink } from "./ports.ts";

/** Who may use the streams that a client named, without a token. */
export interface StreamGuests {
  /**
   * The sides of the call that a peer may be.
   *
   * @param from the peer's address
   */
  sidesAt(from: string): readonly Side[];
}

const SIDES = ["caller", "callee"] as const;

/** In a call of clients: each from where its signaling is now. */
export function guestsFromClients(
  clients: Readonly<Partial<Record<Side, Pick<ClientLink, "address">>>>,
): StreamGuests {
  return {
    sidesAt: (from) =>
      SIDES.filter((side) => {
        const client = clients[side];
        return client !== undefined && placeOf(client.address) === placeOf(from);
      }),
  };
}

/**
 * In a call that was ordered for an app, which has no signaling: whoever comes first, from there. It may be either side,
 * as what serves the telephone may be on the same machine.
 */
export function guestsByFirstCome(): StreamGuests {
  let place: string | undefined;
  return {
    sidesAt(from) {
      place ??= placeOf(from);
      return place === placeOf(from) ? SIDES : [];
    },
  };
}

/** A subscriber's network, and this machine by whatever address of its loopback. */
function placeOf(address: string): string {
  return address === "::1" ? "127.0.0.1" : networkOf(address);
}
