import { expect, test } from "bun:test";
import { openSpending } from "../../src/app/spending.ts";
import { silentLogger } from "../../src/log.ts";
import type { CallRecord } from "../../src/records/call-record.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { resolveIni } from "./running-app.ts";

const NOON = new Date(2026, 0, 2, 12);

function record(hoursAgo: number, minutes: number, given: Partial<CallRecord> = {}): CallRecord {
  const endedAt = new Date(NOON.getTime() - hoursAgo * 3_600_000).toISOString();
  return {
    callId: crypto.randomUUID(),
    sessionid: "s",
    caller: { kind: "client", name: "lihao", appName: "wx" },
    callee: { kind: "telephone", name: "+8613800138000", legIds: ["leg"] },
    startedAt: endedAt,
    endedAt,
    talkSeconds: minutes * 60,
    endedBy: "caller",
    cause: "NORMAL_CLEARING",
    codecs: {},
    media: {},
    reconnects: 0,
    ...given,
  };
}

/** Whether lihao may call after a restart at noon, with an hour a day for mobile telephones. */
async function mayCall(records: readonly CallRecord[], user = "lihao"): Promise<boolean> {
  const config = resolveIni({ dialing: { limits: "138*:60min/day" } });
  if ("problems" in config) throw new Error(config.problems.join("\n"));
  const clock = new FakeClock();
  clock.advance(NOON.getTime() - clock.wallMs());
  const recorder = { readNewest: async () => [...records] };
  const spending = await openSpending(config, recorder, clock, silentLogger);
  return typeof spending.begin({ user, number: "13800138000" }) !== "string";
}

test("minutes of today before a restart count: of the user, of the number as it is dialled", async () => {
  expect(await mayCall([])).toBe(true);
  expect(await mayCall([record(3, 30), record(2, 29)])).toBe(true);
  expect(await mayCall([record(3, 30), record(2, 30)])).toBe(false);
  expect(await mayCall([record(3, 30), record(2, 30)], "nway")).toBe(true);
  expect(await mayCall([record(13, 90)])).toBe(true);
  // Of two hours over midnight a half is today's.
  expect(await mayCall([record(11.5, 120), record(2, 29)])).toBe(true);
  expect(await mayCall([record(11.5, 120), record(2, 31)])).toBe(false);
  const client = { kind: "client", name: "13800138000", appName: "wx" } as const;
  expect(await mayCall([record(2, 90, { callee: client })])).toBe(true);
});
