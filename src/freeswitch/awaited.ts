import type { EslLink } from "./link.ts";
import type { LiveCall } from "./live-call.ts";

/** FreeSWITCH puts in here how far a channel has got, as in its list of channels. Unlike the list it never lags. */
const CALL_STATE = "$".concat("{Channel-Call-State}");

/**
 * FreeSWITCH drops events where they come faster than they are read, and an answer that is not heard of would leave two
 * people without sound. So it is asked how far each telephone has got that is still awaited.
 */
export function askForAwaited(link: Pick<EslLink, "api">, calls: Iterable<LiveCall>): void {
  for (const { call, isUp, isHungUp } of calls) {
    if (!isUp || isHungUp || call.isAnswered) continue;
    for (const legId of call.farLegIds) {
      link.api(`eval uuid:${legId} ${CALL_STATE}`).then(
        (state) => call.catchUp(state),
        // The link's end ends what depends on it.
        () => {},
      );
    }
  }
}
