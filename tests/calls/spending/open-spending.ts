import { Spending, type SpendingOptions } from "../../../src/calls/spending/spending.ts";
import { numberLimits } from "../../../src/config/number-limits.ts";
import { silentLogger } from "../../../src/log.ts";

export type Limits = {
  readonly callsPerMinute?: number;
  readonly callsPerMinutePerUser?: number;
  /** As the settings write them. */
  readonly limits?: string;
  readonly totalLimits?: string;
};

/** Without limits but those given. */
export function openSpending(
  { callsPerMinute = 1e6, callsPerMinutePerUser = 1e6, limits = "", totalLimits = "" }: Limits,
  clock: SpendingOptions["clock"],
  log = silentLogger,
): Spending {
  return new Spending({
    callsPerMinute,
    callsPerMinutePerUser,
    ofUser: numberLimits.schema.parse(limits),
    ofAll: numberLimits.schema.parse(totalLimits),
    clock,
    log,
  });
}
