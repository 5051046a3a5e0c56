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

/** What was measured, as far as it got; `setUpMs` is undefined where no call came about. */
export type Measured = Omit<ProbeReport, "setUpMs"> & { readonly setUpMs: number | undefined };

/** The same for programs: one line of JSON; `verdict` is `ok` or says what is wrong. */
export function formatJson({ setUpMs, directions, faults }: Measured): string {
  const measured = directions.map((direction) => ({ ...direction, delayMs: spread(direction.delaysMs) }));
  const verdict = faults.length === 0 ? "ok" : faults.join("; ");
  return `${JSON.stringify({ verdict, setUpMs, directions: measured, faults })}\n`;
}

function spread(ascending: readonly number[]) {
  return {
    p50: percentile(ascending, 0.5),
    p95: percentile(ascending, 0.95),
    p99: percentile(ascending, 0.99),
  };
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? "none" : `${value.toFixed(1)} ms`;
}
