import { startGateway } from "../peers/gateway.ts";
import type { Bar } from "./bars.ts";
import { nameUser, PASSWORD } from "./callers.ts";
import { readUsage } from "./process-usage.ts";
import type { Delays } from "./statistics.ts";
import { formatFigure, formatMegabytes, renderTable } from "./table.ts";
import type { Worker } from "./worker-client.ts";

export type SignalingResult = {
  readonly userCount: number;
  readonly registerMs: number;
  readonly rssBytes: number;
  /** One call after the other. */
  readonly calm: Delays;
  readonly busy: Delays;
};

const CALM_PER_SECOND = 20;
const BUSY_PER_SECOND = 200;
const SETTLE_MS = 2_000;

/** All of `userCount` register and stay; then they call each other, slowly for `seconds`, then fast for `seconds`. */
export async function measureSignaling(
  worker: Worker,
  userCount: number,
  seconds: number,
): Promise<SignalingResult> {
  const users = Array.from({ length: userCount }, (_, index) => [
    [`user${index + 1}`, nameUser(index)],
    [`password${index + 1}`, PASSWORD],
  ]).flat();
  await using gateway = await startGateway({ config: { users: Object.fromEntries(users) } });
  const startMs = performance.now();
  await worker.call("register", gateway.urls.signaling, userCount);
  const registerMs = performance.now() - startMs;
  await Bun.sleep(SETTLE_MS);
  const { rssBytes } = readUsage(gateway.pid);
  const calm = await worker.call("call", CALM_PER_SECOND * seconds, CALM_PER_SECOND);
  const busy = await worker.call("call", BUSY_PER_SECOND * seconds, BUSY_PER_SECOND);
  await worker.call("hangUp");
  return { userCount, registerMs, rssBytes, calm, busy };
}

export function renderSignaling({ userCount, registerMs, rssBytes, calm, busy }: SignalingResult): string {
  const row = (perSecond: number, { p50Ms, p99Ms, maxMs, count }: Delays) => [
    `${perSecond} invites/s`,
    "",
    ...[p50Ms, p99Ms, maxMs].map(formatFigure),
    `${count}`,
  ];
  const calls = renderTable([
    ["invite sent to received", "", "p50 ms", "p99 ms", "max ms", "calls"],
    row(CALM_PER_SECOND, calm),
    row(BUSY_PER_SECOND, busy),
  ]);
  const seconds = formatFigure(registerMs / 1000);
  return `  ${userCount} registered idle clients: ${formatMegabytes(rssBytes)} MB, all in within ${seconds} s\n${calls}`;
}

export function listSignalingBars({ userCount, rssBytes, calm, busy }: SignalingResult): Bar[] {
  return [
    { what: "call set-up p50", have: calm.p50Ms, limit: 2, unit: "ms" },
    { what: `${BUSY_PER_SECOND} invites a second p99`, have: busy.p99Ms, limit: 10, unit: "ms" },
    { what: `memory of ${userCount} idle clients`, have: rssBytes / 1e6, limit: 150, unit: "MB" },
  ];
}
