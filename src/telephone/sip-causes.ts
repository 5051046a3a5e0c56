import { Cause, isCause } from "../calls/causes.ts";
import type { Parting } from "../protocols/sip/call.ts";
import type { Reason } from "../protocols/sip/reason.ts";

/** What a telephone network is told: SIP's answer to the INVITE, and Q.850's number. */
type Explanation = readonly [status: number, q850: number];

/** The same numbers as in FreeSWITCH (RFC 3398, section 8.2.6.1), so that it understands what we mean. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  [Cause.unallocatedNumber]: [404, 1],
  [Cause.noRoute]: [404, 3],
  [Cause.normalClearing]: [480, 16],
  [Cause.userBusy]: [486, 17],
  [Cause.noUserResponse]: [480, 18],
  [Cause.noAnswer]: [480, 19],
  [Cause.userNotRegistered]: [480, 20],
  [Cause.callRejected]: [603, 21],
  INVALID_NUMBER_FORMAT: [484, 28],
  [Cause.networkOutOfOrder]: [503, 38],
  [Cause.systemShutdown]: [503, 41],
  NORMAL_TEMPORARY_FAILURE: [503, 41],
  [Cause.switchCongestion]: [503, 42],
  [Cause.incompatibleDestination]: [488, 88],
  [Cause.recoveryOnTimerExpire]: [480, 102],
  [Cause.mediaTimeout]: [480, 102],
};
/** NORMAL_UNSPECIFIED. */
const OTHER: Explanation = [480, 31];

/** How a call is ended for this cause: refused before the answer, hung up after it. */
export function partingOf(cause: string): Parting {
  const [status, q850] = EXPLANATIONS[cause] ?? OTHER;
  return { status, reasons: [{ protocol: "Q.850", cause: q850, text: cause }] };
}

/** The cause that a peer's reasons name, spelled as FreeSWITCH does; undefined if they name none. */
export function causeOf(reasons: readonly Reason[]): string | undefined {
  for (const { protocol, cause, text } of reasons) {
    if (protocol.toUpperCase() !== "Q.850") continue;
    if (isCause(text)) return text;
    const known = Object.entries(EXPLANATIONS).find(([, [, q850]]) => q850 === cause);
    if (known !== undefined) return known[0];
  }
  return undefined;
}
