import { applyNumberRules } from "../calls/number-rules.ts";
import { type Attempt, Spending } from "../calls/spending/spending.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/schema.ts";
import { chooseWay } from "../freeswitch/calls-out.ts";
import type { Logger } from "../log.ts";
import type { CallRecord } from "../records/call-record.ts";
import type { CallRecorder } from "../records/call-recorder.ts";

/** What users may spend. Minutes that were talked today before a restart count, as far as the records tell. */
export async function openSpending(
  config: Config,
  recorder: Pick<CallRecorder, "readNewest"> | undefined,
  clock: Clock,
  log: Logger,
): Promise<Spending> {
  const { calls, dialing } = config;
  const spending = new Spending({
    callsPerMinute: calls.calls_per_minute,
    callsPerMinutePerUser: calls.calls_per_minute_per_user,
    ofUser: dialing.limits,
    ofAll: dialing.total_limits,
    clock,
    log,
  });
  if (recorder === undefined || !spending.countsMinutes) return spending;
  const midnight = new Date(clock.wallMs());
  midnight.setHours(0, 0, 0, 0);
  for (const record of await recorder.readNewest()) {
    const sinceMidnightMs = Date.parse(record.endedAt) - midnight.getTime();
    const talkMs = Math.min(record.talkSeconds * 1000, sinceMidnightMs);
    if (talkMs > 0) spending.recall(attemptOf(record, config), talkMs);
  }
  return spending;
}

/** Of parties, clients alone have an app, and telephones legs. */
function attemptOf({ caller, callee }: CallRecord, { server, dialing }: Config): Attempt {
  const user = caller.appName === undefined ? undefined : caller.name;
  if (callee.legIds === undefined) return { user, number: undefined };
  const via = chooseWay(server.use_callout, server.callout_gateway);
  const dialled = applyNumberRules(callee.name, dialing, via);
  return { user, number: dialled.kind === "dial" ? dialled.number : undefined };
}
