import { formatFigure, formatMegabytes, formatPercent, renderTable } from "../table.ts";
import type { CallsResult } from "./measure.ts";

const HEADINGS = [
  "calls",
  "cores",
  "CPU",
  "µs a call and s",
  "RTP late p99 ms",
  "left out",
  "of",
  "concealed",
  "INVITE→200 p50 ms",
  "app→phone p50 ms",
  "phone→app p50 ms",
  "RSS MB",
  "generator CPU",
  "late p99 ms",
];

/** The generator's own two figures tell whether the others may be believed: it must be neither full nor late. */
export function renderCalls(results: readonly CallsResult[]): string {
  const rows = results.map((result) => [
    `${result.callCount}`,
    `${result.cores}`,
    formatPercent(result.cpu),
    ((result.cpu * 1e6) / result.callCount).toFixed(0),
    formatFigure(result.lateP99Ms),
    `${result.leftOut}`,
    `${result.packetCount}`,
    `${(result.concealed * 100).toFixed(2)} %`,
    formatFigure(result.setUpP50Ms),
    formatFigure(result.toPhoneP50Ms),
    formatFigure(result.toAppP50Ms),
    formatMegabytes(result.rssBytes),
    formatPercent(result.generatorCpu),
    formatFigure(result.generatorLateP99Ms),
  ]);
  return renderTable([HEADINGS, ...rows]);
}
