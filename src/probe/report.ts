import { percentile } from "./faults.ts";
import type { ProbeReport } from "./probe.ts";

/** The report as a person reads it: a line a figure, then green or red. */
export function formatReport(report: ProbeReport): string {
  const lines = [`set-up: ${milliseconds(report.setUpMs)} from invite to the other side`];
  for (const { name, sent, received, firstMediaMs, delaysMs } of report.directions) {
    const lost = sent === 0 ? 100 : ((sent - received) / sent) * 100;
    const p50 = milliseconds(percentile(delaysMs, 0.5));
    const p99 = milliseconds(percentile(delaysMs, 0.99));
    const first = milliseconds(firstMediaMs);
    lines.push(
      `${name}: one-way delay p50 ${p50}, p99 ${p99}; first sound ${first}; lost ${lost.toFixed(1)} %`,
    );
  }
  for (const fault of report.faults) lines.push(`fault: ${fault}`);
  lines.push(report.faults.length === 0 ? "GREEN: calls get through" : "RED: see the faults above");
  return `${lines.join("\n")}\n`;
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? "none" : `${value.toFixed(1)} ms`;
}
