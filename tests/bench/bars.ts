import { formatFigure } from "./table.ts";

/** One line of what the project promises: a figure, and what it may be at most. */
export type Bar = {
  readonly what: string;
  readonly have: number;
  readonly limit: number;
  readonly unit: string;
  /** Where the limit comes from, if it was measured too. */
  readonly because?: string;
};

export function isMet({ have, limit }: Bar): boolean {
  return have <= limit;
}

export function renderBar(bar: Bar): string {
  const { what, have, limit, unit, because } = bar;
  const source = because === undefined ? "" : ` (${because})`;
  return `  ${isMet(bar) ? "PASS" : "FAIL"}  ${what}: ${formatFigure(have)} ${unit}, at most ${formatFigure(limit)}${source}`;
}
