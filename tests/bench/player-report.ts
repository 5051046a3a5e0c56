import type { Bar } from "./bars.ts";
import { FRAMES_PER_SECOND } from "./frames.ts";
import type { LateJoinResult } from "./late-join.ts";
import { PROTOCOLS, type Protocol } from "./player.ts";
import { SERVERS, type ServerName } from "./servers.ts";
import type { SlowReaderResult } from "./slow-reader.ts";
import { formatFigure, formatMegabytes, renderTable } from "./table.ts";
import { STALE_MS, type VictimReport } from "./victims.ts";

const LATE_JOIN_LIMIT_MS = 30;
/** HTTP has no way back from the player, so the kernel's buffers are all that the server can watch. */
const FRESH_AGE_LIMIT_MS = { rtmp: 600, "ws-flv": 600, "http-flv": 1500 } satisfies Record<Protocol, number>;

/** What a player's kernel took for it before it was seen not to read. */
const STOPPED_LIMIT_MS = 1_500;
/** What TCP has taken when a network is cut arrives first, whatever the server does: it has to be little. */
const STALE_LIMIT_MS = 300;

export type LateJoins = ReadonlyMap<ServerName, ReadonlyMap<Protocol, LateJoinResult>>;
export type SlowReaders = ReadonlyMap<ServerName, SlowReaderResult>;

export function renderLateJoins(results: LateJoins): string {
  const rows = [["", "", "median ms", "max ms", "joins"]];
  for (const protocol of PROTOCOLS) {
    let named = "";
    for (const { name, title } of SERVERS) {
      const result = results.get(name)?.get(protocol);
      if (result === undefined) continue;
      const { medianMs, maxMs, count } = result;
      rows.push([
        named === protocol ? "" : protocol,
        title,
        formatFigure(medianMs),
        formatFigure(maxMs),
        `${count}`,
      ]);
      named = protocol;
    }
  }
  return renderTable(rows);
}

export function listLateJoinBars(results: LateJoins): Bar[] {
  return [...(results.get("ours") ?? [])].map(([protocol, { maxMs }]) => ({
    what: `${protocol} late join, slowest`,
    have: maxMs,
    limit: LATE_JOIN_LIMIT_MS,
    unit: "ms",
  }));
}

export function renderSlowReaders(results: SlowReaders): string {
  const rows = [
    [
      "",
      "",
      "protocol",
      "first ms old",
      `over ${STALE_MS} ms`,
      "then ms old",
      "after ms",
      "reconnects",
      "others p99",
      "RSS +MB",
    ],
  ];
  for (const { name, title } of SERVERS) {
    const result = results.get(name);
    if (result === undefined) continue;
    const shared = [formatFigure(result.othersP99Ms), formatMegabytes(result.rssGrowthBytes)];
    for (const report of result.stopped)
      rows.push([title, "stopped reading", ...listCells(report), ...shared]);
    for (const report of result.cut) rows.push([title, "network cut", ...listCells(report), ...shared]);
  }
  return renderTable(rows);
}

function listCells({
  target,
  firstAgeMs,
  staleFrameCount,
  freshAgeMs,
  freshAfterMs,
  reconnects,
}: VictimReport): string[] {
  return [
    target.protocol,
    formatFigure(firstAgeMs),
    `${staleFrameCount}`,
    formatFigure(freshAgeMs),
    formatFigure(freshAfterMs),
    `${reconnects}`,
  ];
}

export function listSlowReaderBars(results: SlowReaders): Bar[] {
  const { cut = [], stopped = [] } = results.get("ours") ?? {};
  return [
    ...cut.flatMap(({ target: { protocol }, staleFrameCount, freshAgeMs }) => [
      {
        what: `${protocol} sound under way at a network cut`,
        have: (staleFrameCount / FRAMES_PER_SECOND) * 1000,
        limit: STALE_LIMIT_MS,
        unit: "ms",
      },
      {
        what: `${protocol} first frame sent after a network cut`,
        have: freshAgeMs ?? Number.POSITIVE_INFINITY,
        limit: FRESH_AGE_LIMIT_MS[protocol],
        unit: "ms old",
      },
    ]),
    ...stopped.map(({ target: { protocol }, staleFrameCount }) => ({
      what: `${protocol} old sound after nothing was read`,
      have: (staleFrameCount / FRAMES_PER_SECOND) * 1000,
      limit: STOPPED_LIMIT_MS,
      unit: "ms",
    })),
  ];
}
