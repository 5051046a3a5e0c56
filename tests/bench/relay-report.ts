import type { Bar } from "./bars.ts";
import { PROTOCOLS, type Protocol } from "./player.ts";
import { RELAY_SCENARIOS, type RelayResult, type RelayScenario, summarizeRelay } from "./relay.ts";
import { SERVERS, type ServerName } from "./servers.ts";
import { formatFigure, formatMegabytes, formatPercent, renderTable } from "./table.ts";

const DELAY_LIMIT = 1.5;
const CPU_LIMIT = 0.5;
const MAX_RSS_BYTES = 100e6;
const HEADER = ["", "", "p50 ms", "p99 ms", "CPU ms/s", "RSS MB", "delivered", "publisher", "players"];

/** The rounds of each server, protocol and scenario. */
export class RelayResults {
  readonly #rounds = new Map<string, RelayResult[]>();

  add(server: ServerName, protocol: Protocol, scenario: RelayScenario, result: RelayResult): void {
    const key = `${server} ${protocol} ${scenario}`;
    this.#rounds.set(key, [...(this.#rounds.get(key) ?? []), result]);
  }

  get(server: ServerName, protocol: Protocol, scenario: RelayScenario): RelayResult | undefined {
    const rounds = this.#rounds.get(`${server} ${protocol} ${scenario}`);
    return rounds === undefined ? undefined : summarizeRelay(rounds);
  }
}

export function renderRelay(results: RelayResults, scenario: RelayScenario): string {
  const rows = PROTOCOLS.flatMap((protocol) => listRows(results, protocol, scenario));
  return rows.length === 0 ? "" : renderTable([HEADER, ...rows]);
}

function listRows(results: RelayResults, protocol: Protocol, scenario: RelayScenario): string[][] {
  const ours = results.get("ours", protocol, scenario);
  const rows: string[][] = [];
  const ratios: string[][] = [];
  for (const { name, title } of SERVERS) {
    const result = results.get(name, protocol, scenario);
    if (result === undefined) continue;
    rows.push([
      rows.length === 0 ? protocol : "",
      title,
      formatFigure(result.p50Ms),
      formatFigure(result.p99Ms),
      formatFigure(result.cpuMs),
      formatMegabytes(result.rssBytes),
      formatPercent(result.delivered),
      formatPercent(result.publisherLoad),
      formatPercent(result.playerLoad),
    ]);
    if (ours !== undefined && name !== "ours")
      ratios.push(["", `ours / ${title}`, ...listRatios(ours, result)]);
  }
  return [...rows, ...ratios];
}

function listRatios(ours: RelayResult, theirs: RelayResult): string[] {
  const ratios = [
    ours.p50Ms / theirs.p50Ms,
    ours.p99Ms / theirs.p99Ms,
    ours.cpuMs / theirs.cpuMs,
    ours.rssBytes / theirs.rssBytes,
  ];
  return ratios.map((ratio) => `× ${formatFigure(ratio)}`);
}

/** nginx-rtmp has no FLV over HTTP: there its RTMP is what ours is held against. */
export function listRelayBars(results: RelayResults): Bar[] {
  return RELAY_SCENARIOS.flatMap((scenario) =>
    PROTOCOLS.flatMap((protocol) => {
      const ours = results.get("ours", protocol, scenario);
      if (ours === undefined) return [];
      const bars = listComparedBars(results, protocol, scenario, ours);
      if (scenario === "1x200") {
        bars.push({
          what: `${protocol} 1x200 memory`,
          have: ours.rssBytes / 1e6,
          limit: MAX_RSS_BYTES / 1e6,
          unit: "MB",
        });
      }
      return bars;
    }),
  );
}

function listComparedBars(
  results: RelayResults,
  protocol: Protocol,
  scenario: RelayScenario,
  ours: RelayResult,
): Bar[] {
  const bars: Bar[] = [];
  const cell = `${protocol} ${scenario}`;
  const nginx = results.get("nginx", "rtmp", scenario);
  const nms = results.get("nms", protocol, scenario);
  if (nginx !== undefined) {
    const because = `${DELAY_LIMIT} × nginx-rtmp`;
    const { p50Ms, p99Ms } = nginx;
    bars.push({
      what: `${cell} delay p50`,
      have: ours.p50Ms,
      limit: p50Ms * DELAY_LIMIT,
      unit: "ms",
      because,
    });
    bars.push({
      what: `${cell} delay p99`,
      have: ours.p99Ms,
      limit: p99Ms * DELAY_LIMIT,
      unit: "ms",
      because,
    });
  }
  if (nms !== undefined) {
    const because = `${CPU_LIMIT} × node-media-server`;
    bars.push({ what: `${cell} CPU`, have: ours.cpuMs, limit: nms.cpuMs * CPU_LIMIT, unit: "ms/s", because });
  }
  return bars;
}
